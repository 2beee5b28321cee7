#include "report/names.hpp"

namespace etalon {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::fails:
      return "fails";
    case Verdict::cannot_tell:
      return "cannot tell";
  }
  return "unknown";
}

std::string_view name_of(Censoring censoring) {
  switch (censoring) {
    case Censoring::none:
      return "none";
    case Censoring::below:
      return "below";
    case Censoring::above:
      return "above";
    case Censoring::both:
      return "both";
  }
  return "unknown";
}

}  // namespace etalon
