#include "data/npz_archive.hpp"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <string_view>

#include "core/text.hpp"
#include "data/file_bytes.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::string_view kNpyEnding = ".npy";
constexpr std::uint64_t kUnzipChunk = std::uint64_t{1} << 20;

std::string zip_error_text(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

[[noreturn]] void refuse_array(const std::string& place, const std::string& what) {
  throw InputError(fmt::format("the array cannot be read: {}", what), place, kFetchAgain);
}

struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

// Memory is taken as bytes arrive, never on the word of the archive.
std::vector<std::uint8_t> read_entry(zip_file_t* entry, const std::string& place) {
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const std::size_t done = bytes.size();
    if (done + kUnzipChunk > bytes.capacity()) bytes.reserve(2 * done + kUnzipChunk);
    bytes.resize(done + kUnzipChunk);
    const zip_int64_t got = zip_fread(entry, bytes.data() + done, kUnzipChunk);
    if (got < 0) refuse_array(place, zip_file_strerror(entry));
    bytes.resize(done + static_cast<std::size_t>(got));
    if (got == 0) return bytes;
  }
}

}  // namespace

void NpzArchive::Close::operator()(zip* archive) const { zip_discard(archive); }

NpzArchive::NpzArchive(const std::filesystem::path& path) : path_(path) {
  check_is_file(path);
  int code = 0;
  archive_.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive_) {
    throw InputError(fmt::format("the archive cannot be opened: {}", zip_error_text(code)),
                     path.string(), "name a file that numpy.savez wrote");
  }
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    const std::string_view text = name == nullptr ? "" : name;
    if (!text.ends_with(kNpyEnding)) continue;
    names_.emplace_back(text.substr(0, text.size() - kNpyEnding.size()));
  }
}

std::string NpzArchive::place(const std::string& name) const {
  return fmt::format("{}({})", path_.string(), shortened(name));
}

NpyArray NpzArchive::read(const std::string& name) const {
  const std::string file = name + std::string(kNpyEnding);
  std::unique_ptr<zip_file_t, CloseEntry> entry(
      zip_fopen(archive_.get(), file.c_str(), ZIP_FL_ENC_RAW));
  if (!entry) refuse_array(place(name), zip_strerror(archive_.get()));
  return read_npy(SharedArray(read_entry(entry.get(), place(name))), place(name));
}

}  // namespace etalon
