#include "imports/logged_run.hpp"

namespace etalon {

void LoggedRun::set(std::string_view setting, std::string_view text) {
  if (setting.empty() || text.size() > kLongestSetting) return;
  std::string key(setting);
  if (settings.size() < kMostSettings || settings.contains(key)) {
    settings[std::move(key)] = std::string(text);
  }
}

void LoggedRun::log(std::string_view metric, double step, double value) {
  if (metric.empty()) return;
  auto found = curves.find(std::string(metric));
  if (found == curves.end()) {
    if (curves.size() >= kMostCurves) return;
    found = curves.emplace(std::string(metric), LoggedCurve{}).first;
  }
  found->second.push_back({step, value});
}

}  // namespace etalon
