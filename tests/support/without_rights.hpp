// A test that must not be able to read something, though root runs it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace etalon::testing {

// Who has no rights but everybody's, as long as it lives. Other users than root have theirs.
class WithoutRights {
 public:
  WithoutRights() : user_(geteuid()) {
    constexpr uid_t kNobody = 65534;
    if (user_ == 0 && seteuid(kNobody) != 0) user_ = kNobody;
  }
  ~WithoutRights() {
    if (user_ == 0 && seteuid(0) != 0) std::abort();
  }
  WithoutRights(const WithoutRights&) = delete;
  WithoutRights& operator=(const WithoutRights&) = delete;

 private:
  uid_t user_;
};

inline void forbid(const std::filesystem::path& path) {
  std::filesystem::permissions(path, std::filesystem::perms::none);
}
inline void allow(const std::filesystem::path& path) {
  using std::filesystem::perms;
  std::filesystem::permissions(path, perms::owner_all | perms::group_read | perms::group_exec |
                                         perms::others_read | perms::others_exec);
}

}  // namespace etalon::testing
