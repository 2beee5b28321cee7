// Files that are either whole or not there: written under another name in the same directory,
// flushed to the disk, then renamed over the old one. And what is to be known of a file before the
// work that fills it.
//
// The other name cannot be guessed and is never one that exists, links included. It is locked while
// it is written, so that what a killed run left behind is known by nobody's lock, and goes when the
// next file is written there. Safe from any thread.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

namespace etalon {

// Puts `contents` at `path`. What was there keeps its mode; a symbolic link is followed and stays.
// What is no regular file but takes text (a terminal, a pipe, /dev/null) is written to as it is,
// never replaced.
//
// `field` is the setting that named the path, for the messages. Throws RunError when the file
// cannot be written (a full disk, no permission): a file that was there is then unchanged, and
// nothing else is left behind.
void write_file_atomically(const std::filesystem::path& path, std::string_view contents,
                           std::string_view field = "out");

// Throws InputError where `write_file_atomically` could not put a file: no such directory, no
// permission, a directory or a disk of that name. For use before the work.
void check_output(const std::filesystem::path& path, std::string_view field = "out");

// A path and the setting that named it.
struct NamedPath {
  std::string_view field;
  std::filesystem::path path;
};

// Throws InputError where two of `outputs`, or one of them and one of `inputs`, are one file, under
// whatever names, or where an output would take the place of a file that SQLite keeps beside an
// input. What is no regular file may be named twice; empty paths name nothing.
void check_outputs_apart(std::span<const NamedPath> outputs, std::span<const NamedPath> inputs);

}  // namespace etalon
