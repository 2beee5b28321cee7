// A run that is put together out of parts. Not safe from several threads.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "imports/found_part.hpp"

namespace etalon {

struct JoinedRun {
  LoggedRun run;
  std::map<std::string, std::size_t> curve_readers, setting_readers;  // which each is from

  bool has_curves() const { return !run.curves.empty(); }
  std::set<std::size_t> readers() const;  // of its curves

  void add(FoundPart found);
  // What `other` has counts after what this has.
  void add(JoinedRun other);

 private:
  void add_curve(const std::string& name, LoggedCurve& curve, std::size_t reader);
};

// Whether both say another batch size, learning rate or seed under one name.
bool contradict(const LoggedRun& run, const LoggedRun& other);

}  // namespace etalon
