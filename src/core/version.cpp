#include "etalon/version.hpp"

namespace etalon {

const char* version() noexcept { return ETALON_VERSION; }

}  // namespace etalon
