// The one exception type of etalon: what went wrong, where, and what to do about it.
//
// `InputError` means that the caller's input is at fault (a setting, a file, a value); `RunError`
// means that the input was fine and the work failed (a full disk, a library). Divergence of a
// training is neither: it is a result. Errors are values of text only, safe to copy between
// threads.
//
// Where the text names a setting, it does so by `field_name`: a program that filled the options
// reads the name of the field, and whoever filled them from something else (flags, a form) can have
// the message with the names of that by `message_with`.
//
//   throw InputError(fmt::format("{} is {}", field_name("seeds"), seeds), "", "it must be >= 2");
//
//   what()        seeds is 1, it must be >= 2
//   on a command  --seeds is 1, it must be >= 2
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace etalon {

// A setting's name as a part of an error's text: "batch_size", "plateau.factor".
std::string field_name(std::string_view name);

class Error : public std::runtime_error {
 public:
  // `what_happened` is a clause ("the file is truncated"), `where` names the file, setting or
  // value, and `what_to_do` is an instruction; the last two may be empty. `what()` joins them with
  // ", ".
  Error(std::string_view what_happened, std::string_view where, std::string_view what_to_do);

  // The text of `what()` with `name_of(field)` in place of each field's name.
  std::string message_with(const std::function<std::string(std::string_view)>& name_of) const;

  // The text with its fields still to be named, for an error that is made of this one.
  const std::string& marked() const noexcept { return *marked_; }

 private:
  explicit Error(std::string marked);
  std::shared_ptr<const std::string> marked_;  // shared, so that copying never throws
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
