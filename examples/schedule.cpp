// A training loop of one's own, driven by a plan: the batch size ramps from 64 to 256 over the
// first half, the learning rate follows it by the square root, and the cosine still ends with the
// budget.
//
// Prints:
// > step    0  batch   64  lr 1.00e-03
// > step   20  batch   64  lr 9.85e-04
// > step   40  batch  128  lr 1.28e-03
// > step   60  batch  192  lr 1.16e-03
// > step   80  batch  256  lr 4.70e-04
// > 100 steps, 16224 examples
#include <cstdio>
#include <etalon/batch_schedule.hpp>

int main() {
  etalon::TrainingPlan plan;
  plan.lr.peak_lr = 1e-3;  // at the reference batch size
  plan.lr.unit = etalon::DurationUnit::examples;
  plan.lr.shape = etalon::CosineShape{16384, 0.0};
  plan.batch.batch_size = 64;
  plan.batch.course = etalon::LinearRampBatch{256, 8192, 32};
  plan.reference_batch_size = 64;
  plan.rule = etalon::BatchLrRule::sqrt;
  plan.dataset_size = 8192;
  plan.budget_examples = 16384;

  etalon::PlanCursor cursor(plan);
  int steps = 0;
  while (const auto step = cursor.next()) {
    // Draw step->batch_size examples, set the optimizer's learning rate to step->lr, update.
    if (steps++ % 20 == 0) {
      std::printf("step %4.0f  batch %4lld  lr %.2e\n", step->before.steps,
                  static_cast<long long>(step->batch_size), step->lr);
    }
  }
  std::printf("%d steps, %.0f examples\n", steps, cursor.progress().examples);
  return 0;
}
