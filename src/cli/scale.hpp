// `etalon scale`: a training recipe moved to other batch sizes by the published rules.
#pragma once

namespace etalon::cli {

int run_scale(int argc, const char* const* argv);

}  // namespace etalon::cli
