#include "slurm/outage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// What its commands say when Slurm itself is at fault, not what is asked of it.
constexpr std::array<std::string_view, 8> kPassing = {"Unable to contact slurm controller",
                                                      "Socket timed out",
                                                      "Connection refused",
                                                      "Connection timed out",
                                                      "communication",
                                                      "temporarily",
                                                      "Zero Bytes were transmitted",
                                                      "it was ended"};

}  // namespace

bool is_outage(std::string_view error) {
  return std::any_of(kPassing.begin(), kPassing.end(), [&](std::string_view words) {
    return error.find(words) != std::string_view::npos;
  });
}

void Outage::note(const std::string& complaint) {
  if (complaint.empty() != !since_) return complaint.empty() ? end() : begin(complaint);
  if (!since_ || is_told_ || std::chrono::steady_clock::now() - *since_ < patience_) return;
  is_told_ = true;
  throw RunError(complaint, "", "go on with the study once Slurm answers");
}

void Outage::begin(const std::string& complaint) {
  since_ = std::chrono::steady_clock::now();
  if (say_)
    say_(fmt::format("Slurm does not take or answer what is asked, and is asked again: {}",
                     complaint));
}

void Outage::end() {
  since_.reset();
  if (say_) say_("Slurm answers again");
}

}  // namespace etalon
