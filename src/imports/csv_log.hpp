// The CSV file of one run as a logger writes it: Lightning's and Keras' CSVLogger, Ray, fastai,
// YOLO, timm, Stable Baselines, or one's own. Known by its name and the shape of its first rows.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_csv_log(const std::filesystem::path& file);
void read_csv_log(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
