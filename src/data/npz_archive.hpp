// The arrays of a .npz file: a ZIP archive, stored or deflated, with a .npy file for each. One
// thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/npy_array.hpp"

struct zip;

namespace etalon {

class NpzArchive {
 public:
  // Throws InputError for what is no ZIP archive.
  explicit NpzArchive(const std::filesystem::path& path);

  // The names of its arrays, without .npy.
  const std::vector<std::string>& names() const { return names_; }
  // Throws InputError where the array is damaged. `name` is one of `names`.
  NpyArray read(const std::string& name) const;

 private:
  std::string place(const std::string& name) const;

  struct Close {
    void operator()(zip* archive) const;
  };

  const std::filesystem::path path_;
  std::unique_ptr<zip, Close> archive_;
  std::vector<std::string> names_;
};

}  // namespace etalon
