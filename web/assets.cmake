# The pages, embedded into the rooms that show them: see src/report/assets.hpp. All are page.html
# around a body of their own. Scripts and styles are joined in this order into one.
etalon_embed(etalon_report page_html FILES web/page.html)
etalon_embed(etalon_report echarts_js FILES web/node_modules/echarts/dist/echarts.min.js)

# The report of a study.
etalon_embed(etalon_report_study report_html FILES web/report.html)
etalon_embed(etalon_report_study report_css FILES web/page.css)
etalon_embed(
  etalon_report_study
  report_js
  FILES
  web/js/data.js
  web/js/format.js
  web/js/page.js
  web/js/theme.js
  web/js/chart.js
  web/js/zoom.js
  web/js/download.js
  web/js/loss_axis.js
  web/js/sortable.js
  web/js/answer.js
  web/js/target.js
  web/js/lines.js
  web/js/picks.js
  web/js/curves.js
  web/js/heat_cells.js
  web/js/heat_map.js
  web/js/optima.js
  web/js/band.js
  web/js/limits.js
  web/js/accuracy.js
  web/js/generalization.js
  web/js/regret.js
  web/js/trials.js
  web/js/trial_page.js
  web/js/reproduce.js
  web/js/live/stream.js
  web/js/live/outlook.js
  web/js/live/under_way.js
  web/js/main.js)

# The page of etalon fit.
etalon_embed(etalon_report_fit fit_html FILES web/fit.html)
etalon_embed(etalon_report_fit fit_css FILES web/page.css web/fit.css)
etalon_embed(
  etalon_report_fit
  fit_js
  FILES
  web/js/fit/data.js
  web/js/format.js
  web/js/page.js
  web/js/theme.js
  web/js/chart.js
  web/js/zoom.js
  web/js/download.js
  web/js/loss_axis.js
  web/js/sortable.js
  web/js/fit/headline.js
  web/js/fit/overview.js
  web/js/heat_cells.js
  web/js/fit/losses.js
  web/js/fit/map.js
  web/js/fit/curves.js
  web/js/band.js
  web/js/fit/laws.js
  web/js/fit/group.js
  web/js/fit/main.js)

# The page of etalon noise.
etalon_embed(etalon_report_noise noise_html FILES web/noise.html)
etalon_embed(etalon_report_noise noise_css FILES web/page.css)
etalon_embed(
  etalon_report_noise
  noise_js
  FILES
  web/js/noise/data.js
  web/js/format.js
  web/js/page.js
  web/js/theme.js
  web/js/chart.js
  web/js/zoom.js
  web/js/download.js
  web/js/band.js
  web/js/noise/axes.js
  web/js/noise/headline.js
  web/js/noise/costs.js
  web/js/noise/rates.js
  web/js/noise/places.js
  web/js/noise/limits.js
  web/js/noise/norms.js
  web/js/noise/main.js)
