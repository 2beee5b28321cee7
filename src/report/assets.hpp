// The report's page as it was embedded at build time (web/assets.cmake). Read-only data that lives
// as long as the program; safe from any thread.
#pragma once

#include <string_view>

namespace etalon::assets {

std::string_view report_html();  // the page, with {{...}} where the rest goes
std::string_view report_css();
std::string_view report_js();  // the page's own script
std::string_view fit_html();   // the page of etalon fit
std::string_view fit_js();
std::string_view echarts_js();  // Apache ECharts

}  // namespace etalon::assets
