// Runs a script of NumPy's in a directory: the writer of what loaders are held against.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "data/idx_bytes.hpp"
#include "support/python_module.hpp"
#include "support/run_command.hpp"

namespace etalon::testing {

inline void run_numpy(const std::filesystem::path& directory, const std::string& script) {
  const std::string text = "import numpy as np\n" + script;
  write_file(directory / "write.py", Bytes(text.begin(), text.end()));
  const auto result =
      run_command("cd '" + directory.string() + "' && /usr/bin/python3 write.py 2>&1");
  if (result.exit_code != 0) throw std::runtime_error(result.output);
}

// The values of a file that `tofile` wrote.
template <typename Value>
std::vector<Value> read_raw(const std::filesystem::path& path) {
  std::vector<Value> values(std::filesystem::file_size(path) / sizeof(Value));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(Value)));
  return values;
}

}  // namespace etalon::testing
