// The pages as they were embedded at build time (web/assets.cmake). Read-only data that lives
// as long as the program; safe from any thread.
#pragma once

#include <string_view>

namespace etalon::assets {

std::string_view page_html();   // the shell of all pages, with {{...}} where the rest goes
std::string_view echarts_js();  // Apache ECharts

std::string_view report_html();  // the body of a study's report
std::string_view report_css();
std::string_view report_js();

std::string_view fit_html();  // the body of the page of etalon fit
std::string_view fit_css();
std::string_view fit_js();

std::string_view noise_html();  // the body of the page of etalon noise
std::string_view noise_css();
std::string_view noise_js();

}  // namespace etalon::assets
