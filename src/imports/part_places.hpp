// Whose part a part is: tools scatter what they know of one run over directories.
#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "imports/found_part.hpp"

namespace etalon {

class PartPlaces {
 public:
  // Of what was found below `root`.
  PartPlaces(const std::vector<FoundPart>& parts, std::filesystem::path root);

  // Gives the part the directory of its run: that above train/, validation/ or a tool's own
  // directory, that of the run that holds the logs below it, and that in which a run was begun that
  // was resumed in another.
  void place(FoundPart& found) const;

 private:
  void add_homes(const std::vector<FoundPart>& parts);
  void lift_to_holder(LoggedRun& part) const;

  const std::filesystem::path root_;
  std::map<std::filesystem::path, std::filesystem::path> holders_;  // by what they hold
  std::map<std::filesystem::path, std::filesystem::path> homes_;    // of runs that were resumed
};

// Puts the parts of each reader that knows when they began in that order, in the places that they
// have among the others.
void order_by_beginning(std::vector<FoundPart>& parts);

}  // namespace etalon
