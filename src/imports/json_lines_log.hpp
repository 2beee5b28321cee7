// One run's log as lines of JSON, or of Python dicts: metrics.jsonl and its like, Detectron2's
// metrics.json, MMEngine's scalars.json, MMCV's *.log.json, DeiT's log.txt. Known by its name and
// the shape of its first lines.
//
// Lines that are no dict are passed over, and a last one that is not whole: its program may run on,
// or was killed.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_json_lines_log(const std::filesystem::path& file);
void read_json_lines_log(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
