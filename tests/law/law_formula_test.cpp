// The formulas that people read are those that the program computes: each is evaluated here as
// written, and compared with the law.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "law/law_forms.hpp"

namespace etalon {
namespace {

// Sums of products of powers of numbers, names, brackets, √ and min(a, b).
class Formula {
 public:
  Formula(std::string_view text, std::map<std::string, double> values)
      : text_(text), values_(std::move(values)) {}

  double evaluate() {
    const double value = sum();
    if (!text_.empty()) throw std::logic_error(fmt::format("cannot read '{}'", text_));
    return value;
  }

 private:
  bool take(std::string_view word) {
    while (text_.starts_with(' ')) text_.remove_prefix(1);
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  double sum() {
    double value = product();
    while (take("+")) value += product();
    return value;
  }

  double product() {
    double value = power();
    for (;;) {
      if (take("·")) {
        value *= power();
      } else if (take("/")) {
        value /= power();
      } else {
        return value;
      }
    }
  }

  double power() {
    const double base = atom();
    return take("^") ? std::pow(base, atom()) : base;
  }

  double atom() {
    if (take("√")) return std::sqrt(atom());
    if (take("min(")) {
      const double first = sum();
      if (!take(",")) throw std::logic_error("min has two arguments");
      const double least = std::min(first, sum());
      if (!take(")")) throw std::logic_error("unclosed min");
      return least;
    }
    if (take("(")) {
      const double value = sum();
      if (!take(")")) throw std::logic_error("unclosed bracket");
      return value;
    }
    for (const auto& [name, value] : values_) {
      if (take(name)) return value;
    }
    if (take("1")) return 1.0;
    if (take("2")) return 2.0;
    throw std::logic_error(fmt::format("cannot read '{}'", text_));
  }

  std::string_view text_;
  std::map<std::string, double> values_;
};

// What stands between "η* = " and ", x = B/B0", which is there where x is.
std::string_view right_side(std::string_view formula) {
  constexpr std::string_view kLeft = "η* = ", kWhere = ", x = B/B0";
  EXPECT_TRUE(formula.starts_with(kLeft)) << formula;
  formula.remove_prefix(kLeft.size());
  const bool has_x = formula.find('x') != formula.npos;
  EXPECT_EQ(formula.ends_with(kWhere), has_x) << formula;
  if (formula.ends_with(kWhere)) formula.remove_suffix(kWhere.size());
  return formula;
}

class Formulas : public ::testing::TestWithParam<UpdateKind> {};

TEST_P(Formulas, AreThoseThatTheLawsCompute) {
  RandomStream stream(1, "formulas");
  for (const LawForm& form : law_forms(GetParam())) {
    for (const double batch_size : {1.0, 48.0, 700.0, 65536.0}) {
      const LawShape shape = form.draw(std::log(300.0), stream);
      const double intercept = 0.3;
      Formula formula(right_side(form.formula), {{"A", intercept},
                                                 {"B", batch_size},
                                                 {"p", shape.p},
                                                 {"x", batch_size / std::exp(shape.log_b0)}});
      const double expected = intercept * std::exp(form.value(shape, std::log(batch_size)));
      EXPECT_NEAR(formula.evaluate() / expected, 1.0, 1e-12) << form.formula;
    }
  }
}

TEST_P(Formulas, NameEveryCoefficientThatIsFittedAndNoOther) {
  for (const LawForm& form : law_forms(GetParam())) {
    const std::string_view formula = form.formula;
    EXPECT_EQ(formula.find('p') != formula.npos, form.has_exponent) << formula;
    EXPECT_EQ(formula.find("B0") != formula.npos, form.has_turn) << formula;
  }
}

// A coefficient that is fixed has no interval to show.
TEST_P(Formulas, FixWhatTheyDoNotName) {
  RandomStream stream(2, "formulas");
  for (const LawForm& form : law_forms(GetParam())) {
    const LawShape first = form.draw(0.0, stream), second = form.draw(0.0, stream);
    EXPECT_EQ(first.p != second.p, form.has_exponent) << form.name;
    EXPECT_EQ(first.log_b0 != second.log_b0, form.has_turn) << form.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Updates, Formulas,
                         ::testing::Values(UpdateKind::sgd, UpdateKind::adaptive));

}  // namespace
}  // namespace etalon
