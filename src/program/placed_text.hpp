// Text with places for a trial's values: "--lr={lr}" becomes "--lr=0.01".
//
// {name} is a place; {{ and }} are a brace. What is put in is put in as it is, once: a value that
// looks like a place stays what it is, and nothing is ever read by a shell. Immutable.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

using PlaceValues = std::map<std::string, std::string, std::less<>>;

class PlacedText {
 public:
  // Throws InputError for a place that is none of `known`, or a brace without its other half.
  PlacedText(std::string_view text, std::span<const std::string> known);

  // Every place must have a value.
  std::string with(const PlaceValues& values) const;
  std::set<std::string> places() const;

 private:
  struct Part {
    std::string text;
    std::string place;  // after the text; empty at the end
  };
  std::vector<Part> parts_;
};

}  // namespace etalon
