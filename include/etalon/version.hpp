// The version of the library that is linked, "MAJOR.MINOR.PATCH".
#pragma once

namespace etalon {

const char* version() noexcept;

}  // namespace etalon
