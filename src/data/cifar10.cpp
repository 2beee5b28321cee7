#include "data/cifar10.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include "data/file_bytes.hpp"
#include "data/source.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCifarPixels = std::size_t{3} * 32 * 32;
constexpr int kCifarClasses = 10;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

fs::path directory_with_batches(const fs::path& directory) {
  for (const fs::path& place : {directory, directory / "cifar-10-batches-bin"}) {
    for (const char* name : {"data_batch_1.bin", "data_batch_1.bin.gz"}) {
      if (is_there(place / name)) return place;
    }
  }
  const bool is_python =
      is_there(directory / "data_batch_1") || is_there(directory / "cifar-10-batches-py");
  throw InputError("there is no file data_batch_1.bin (or data_batch_1.bin.gz)", directory.string(),
                   is_python ? "this is the version for Python: take the binary version"
                             : "name the directory of CIFAR-10's binary version");
}

fs::path batch_path(const fs::path& directory, const std::string& name) {
  for (const char* ending : {".bin", ".bin.gz"}) {
    fs::path path = directory / (name + ending);
    if (is_there(path)) return path;
  }
  throw InputError(fmt::format("there is no file {}.bin (or {}.bin.gz)", name, name),
                   directory.string(), "name the directory of CIFAR-10's binary version");
}

// Adds the records of one file.
void read_batch(const fs::path& path, std::vector<std::uint8_t>& pixels,
                std::vector<std::int32_t>& labels) {
  FileBytes file(path);
  std::array<std::uint8_t, 1 + kCifarPixels> record;
  for (;;) {
    const std::uint64_t start = file.offset();
    const std::size_t got = file.read(record.data(), record.size());
    if (got == 0 && start > 0) return;
    if (got < record.size()) {
      file.fail(fmt::format("the file ends {} bytes into a record of {}", got, record.size()),
                kFetchAgain);
    }
    if (record[0] >= kCifarClasses) {
      refuse_at_byte(fmt::format("the label {} is above 9", record[0]), path, start,
                     "check that this is CIFAR-10's binary version");
    }
    labels.push_back(record[0]);
    pixels.insert(pixels.end(), record.begin() + 1, record.end());
  }
}

Examples read_batches(const fs::path& directory, const std::vector<std::string>& names) {
  Examples examples{.shape = {.channels = 3, .height = 32, .width = 32, .classes = kCifarClasses}};
  std::vector<std::uint8_t> pixels;
  for (const std::string& name : names) {
    read_batch(batch_path(directory, name), pixels, examples.labels);
  }
  examples.bytes = SharedArray(std::move(pixels));
  return examples;
}

}  // namespace

std::shared_ptr<const DataSplits> load_cifar10(const SpecText& source,
                                               const SplitOptions& options) {
  source.check_keys("CIFAR-10", {});
  const fs::path directory = directory_with_batches(source.word(0));
  Examples train = read_batches(
      directory, {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"});
  Examples test = read_batches(directory, {"test_batch"});
  return split_at_random(with_test_set(std::move(train), std::move(test), directory.string()),
                         source.text(), options);
}

}  // namespace etalon
