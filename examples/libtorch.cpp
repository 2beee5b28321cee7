// Drives LibTorch's optimizers with etalon's recipes and schedules. LibTorch's C++ frontend has two
// schedulers of its own, by steps and on plateau; here AdamW follows a recipe that moved from 256
// to 2048 examples per step, with a warm-up and a cosine, and SGD a one-cycle schedule that moves
// its momentum too.
//
// Prints:
// > AdamW: lr 0.00282843, betas 0.430467 0.992028, weight decay 0.0282843
// > step  0  lr 0.00000
// > step 10  lr 0.00277
// > step 20  lr 0.00234
// > step 30  lr 0.00162
// > step 40  lr 0.00083
// > step 50  lr 0.00022
// > the loss fell
// > SGD:
// > step  0  lr 0.00200  momentum 0.950
// > step 10  lr 0.03017  momentum 0.891
// > step 20  lr 0.04971  momentum 0.851
// > step 30  lr 0.04016  momentum 0.870
// > step 40  lr 0.02213  momentum 0.906
// > step 50  lr 0.00571  momentum 0.939
// > the loss fell
#include <torch/torch.h>

#include <cmath>
#include <cstdio>
#include <etalon/scaling.hpp>
#include <etalon/schedule.hpp>

namespace {

constexpr int kSteps = 60;
constexpr std::int64_t kDatasetSize = 20480;

// What LibTorch's optimizers read before each step.
void follow(const etalon::Schedule& schedule, const etalon::Progress& progress,
            torch::optim::Optimizer& optimizer) {
  for (torch::optim::OptimizerParamGroup& group : optimizer.param_groups()) {
    group.options().set_lr(schedule.lr(progress));
    const auto momentum = schedule.momentum(progress);
    auto* sgd = dynamic_cast<torch::optim::SGDOptions*>(&group.options());
    if (momentum && sgd != nullptr) sgd->momentum(*momentum);
  }
}

void print(int step, const torch::optim::Optimizer& optimizer) {
  const torch::optim::OptimizerOptions& options = optimizer.param_groups().front().options();
  std::printf("step %2d  lr %.5f", step, options.get_lr());
  if (const auto* sgd = dynamic_cast<const torch::optim::SGDOptions*>(&options)) {
    std::printf("  momentum %.3f", sgd->momentum());
  }
  std::printf("\n");
}

// Fits a line through noisy points, a stand-in for a model and its data.
void train(torch::nn::Linear& model, torch::optim::Optimizer& optimizer,
           const etalon::Schedule& schedule, std::int64_t batch_size) {
  torch::manual_seed(1);
  etalon::Progress progress;
  double first = 0;
  double last = 0;
  for (int step = 0; step < kSteps; ++step) {
    const torch::Tensor src = torch::randn({batch_size, 4});
    const torch::Tensor target = src.sum(1, /*keepdim=*/true) + 0.1 * torch::randn({batch_size, 1});
    follow(schedule, progress, optimizer);
    optimizer.zero_grad();
    const torch::Tensor loss = torch::mse_loss(model->forward(src), target);
    loss.backward();
    optimizer.step();
    progress.advance(batch_size, kDatasetSize);
    last = loss.item<double>();
    if (step == 0) first = last;
    if (step % 10 == 0) print(step, optimizer);
  }
  std::printf("the loss %s\n", last < 0.99 * first ? "fell" : "did not fall");
}

void train_adamw() {
  etalon::Recipe base;
  base.optimizer = etalon::OptimizerFamily::adamw;
  base.batch = {256};
  base.lr = 1e-3;
  base.schedule.warmup = {0.5, etalon::DurationUnit::epochs};
  base.budget = {6, etalon::DurationUnit::epochs};
  etalon::fill_defaults(base);
  const etalon::Recipe recipe = etalon::compare_rules(base, {256, 1, 8}).rules.front().recipe;
  std::printf("AdamW: lr %g, betas %g %g, weight decay %g\n", recipe.lr, *recipe.beta1,
              *recipe.beta2, *recipe.weight_decay);

  etalon::Schedule schedule;
  schedule.peak_lr = recipe.lr;
  schedule.unit = etalon::DurationUnit::epochs;
  schedule.warmup.length = recipe.schedule.warmup->amount;
  schedule.shape = etalon::CosineShape{recipe.budget->amount - recipe.schedule.warmup->amount, 0.0};

  torch::nn::Linear model(4, 1);
  torch::optim::AdamW optimizer(model->parameters(), torch::optim::AdamWOptions(recipe.lr)
                                                         .betas({*recipe.beta1, *recipe.beta2})
                                                         .eps(*recipe.eps)
                                                         .weight_decay(*recipe.weight_decay));
  train(model, optimizer, schedule, recipe.batch.global());
}

void train_sgd() {
  std::printf("SGD:\n");
  etalon::Schedule schedule;
  schedule.peak_lr = 0.05;
  etalon::OneCycleShape shape;
  shape.length = kSteps - 1;
  shape.rise = 0.3 * kSteps;
  schedule.shape = shape;

  torch::nn::Linear model(4, 1);
  torch::optim::SGD optimizer(model->parameters(),
                              torch::optim::SGDOptions(schedule.peak_lr).momentum(0.95));
  train(model, optimizer, schedule, 256);
}

}  // namespace

int main() {
  torch::manual_seed(0);
  train_adamw();
  train_sgd();
  return 0;
}
