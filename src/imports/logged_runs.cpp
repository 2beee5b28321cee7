#include "imports/logged_runs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <system_error>
#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "imports/joined_runs.hpp"
#include "imports/log_files.hpp"
#include "imports/path_guess.hpp"
#include "imports/path_pattern.hpp"
#include "runs/find_columns.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

std::size_t place_of(const LogReader* reader) {
  return static_cast<std::size_t>(reader - log_readers().data());
}

// Of at least one.
InputError first_unreadable(const LogFiles& found) {
  const auto& files = found.unreadable_files;
  const auto& directories = found.unreadable_directories;
  if (!files.empty()) {
    return {"the file cannot be read", files.front().string(), "check its rights"};
  }
  return {"the directory cannot be read", directories.front().string(), "check its rights"};
}

// Reads files, and counts what was read and what could not be.
class LogReading {
 public:
  LogReading(const Say& say, const HearProgress& progress) : say_(say), progress_(progress) {}

  std::vector<FoundPart> read(const LogFiles& found) {
    const std::vector<LogFile>& files = found.files;
    std::vector<FoundPart> parts;
    note_unreadable(found);
    for (std::size_t i = 0; i < files.size(); ++i) {
      done_ = static_cast<double>(i);
      read_one(files[i], static_cast<double>(files.size()), parts);
      tell(1.0, static_cast<double>(files.size()));
    }
    say();
    return parts;
  }

 private:
  // A file that is the only one is read in percent.
  void tell(double share, double files) const {
    if (!progress_) return;
    const bool is_alone = files == 1.0;
    progress_(is_alone ? 100.0 * share : done_ + share, is_alone ? 100.0 : files,
              is_alone ? "%" : "files");
  }

  void read_one(const LogFile& file, double files, std::vector<FoundPart>& parts) {
    const auto take = [&](LoggedRun run) {
      run.tool = file.reader->name;
      parts.push_back({std::move(run), place_of(file.reader)});
    };
    const HearRun hear(take, [&](double share) { tell(share, files); });
    try {
      file.reader->read(file.path, hear);
      ++counts_[file.reader->what];
    } catch (const Error& error) {
      if (files == 1.0) throw;
      if (damaged_++ == 0 && first_damage_.empty()) first_damage_ = error.marked();
    }
  }

  void note_unreadable(const LogFiles& found) {
    damaged_ = std::ssize(found.unreadable_files);
    barred_ = std::ssize(found.unreadable_directories);
    if (damaged_ + barred_ > 0) first_damage_ = first_unreadable(found).marked();
  }

  void say() const {
    for (const auto& [what, count] : counts_) say_(fmt::format("read {}", counted(count, what)));
    std::vector<std::string> what;
    if (damaged_ > 0) what.push_back(counted(damaged_, "file"));
    if (barred_ > 0)
      what.push_back(barred_ == 1 ? "1 directory" : fmt::format("{} directories", barred_));
    if (what.empty()) return;
    say_(fmt::format("could not read {} to the end, of which the first: {}",
                     fmt::join(what, " and "), first_damage_));
  }

  const Say& say_;
  const HearProgress& progress_;
  double done_ = 0.0;  // files
  std::map<std::string_view, std::int64_t> counts_;
  std::int64_t damaged_ = 0, barred_ = 0;  // files, and directories
  std::string first_damage_;
};

void take_params(std::vector<LoggedRun>& runs, const fs::path& root, const std::string& pattern,
                 const Say& say) {
  const PathPattern params(pattern);
  std::int64_t missing = 0;
  std::string example;
  for (LoggedRun& run : runs) {
    if (params.add_settings(path_of(run, root), run)) continue;
    if (missing++ == 0) example = path_of(run, root);
  }
  if (missing == 0) return;
  const std::string what =
      fmt::format("{} does not find its groups in {}, such as '{}'", field_name("params_from"),
                  counted(missing, "path"), shortened(example));
  if (static_cast<std::size_t>(missing) == runs.size()) {
    throw InputError(what, root.string(), "correct the pattern");
  }
  say(what);
}

void guess_params(std::vector<LoggedRun>& runs, const fs::path& root, const Say& say) {
  const std::vector<std::string> taken = take_settings_of_paths(runs, root);
  if (taken.empty()) return;
  say(fmt::format("took {} out of the paths of the runs, such as '{}'; {} says otherwise",
                  quoted_list(taken), shortened(path_of(runs.front(), root)),
                  field_name("params_from")));
}

}  // namespace

LoggedRuns read_logged_runs(const fs::path& path, const LogOptions& options, const Say& say,
                            const HearProgress& progress) {
  const LogFiles found = find_log_files(path, find_reader(options.from));
  const bool is_all_barred = found.files.empty() && !found.has_others && found.are_barred();
  if (is_all_barred) throw first_unreadable(found);
  std::error_code ignored;
  LoggedRuns logged{{}, fs::is_directory(path, ignored) ? path : path.parent_path()};
  logged.runs = join_parts(LogReading(say, progress).read(found), logged.root);
  if (logged.runs.empty()) return logged;
  if (!options.params_from.empty()) {
    take_params(logged.runs, logged.root, options.params_from, say);
  } else if (options.guesses_params) {
    guess_params(logged.runs, logged.root, say);
  }
  return logged;
}

}  // namespace etalon
