// The one exception type of etalon: what went wrong, where, and what to do about it.
//
// `InputError` means that the caller's input is at fault (a flag, a file, a value); `RunError`
// means that the input was fine and the work failed (a full disk, a library). Divergence of a
// training is neither: it is a result. Errors are values of text only, safe to copy between
// threads.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace etalon {

class Error : public std::runtime_error {
 public:
  // `what_happened` is a clause ("the file is truncated"), `where` names the file, flag or value,
  // and `what_to_do` is an instruction; the last two may be empty. `what()` joins them with ", ".
  Error(std::string_view what_happened, std::string_view where, std::string_view what_to_do);
};

// The caller's input is at fault. The command line exits with 2.
class InputError : public Error {
 public:
  using Error::Error;
};

// The input was fine, the work failed. The command line exits with 1.
class RunError : public Error {
 public:
  using Error::Error;
};

}  // namespace etalon
