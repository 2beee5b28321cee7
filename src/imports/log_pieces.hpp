// A log read from its beginning to its end in constant memory, or at its two ends alone.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace etalon {

// `hear_share` is told how much of the file was read. Throws InputError for a file that cannot be
// read or is no regular one.
void for_each_piece(const std::filesystem::path& file,
                    const std::function<void(std::string_view bytes)>& hear,
                    const std::function<void(double share)>& hear_share = nullptr);

// Lines without their ends and the blanks around them, numbered from 1; empty ones are left out. A
// line longer than `kLongestLogLine` is cut there. Throws as above.
constexpr std::size_t kLongestLogLine = std::size_t{4} << 20;  // bytes
void for_each_line(const std::filesystem::path& file,
                   const std::function<void(std::string_view line, std::size_t number)>& hear,
                   const std::function<void(double share)>& hear_share = nullptr);

// The lines that are whole within the first and the last so many bytes, or all of a smaller file;
// empty where it cannot be read, or is no regular file.
std::string read_both_ends(const std::filesystem::path& file, std::size_t bytes);

}  // namespace etalon
