// What a look at a program showed, as text for a terminal: what was found, what is wrong, what a
// study will cost, and the command that runs it.
#pragma once

#include <cstdint>
#include <string>

#include "program/program_check.hpp"
#include "report/text_layout.hpp"

namespace etalon {

// What the study to come needs to be told besides.
struct StudyToCome {
  std::string command;  // "etalon study --batch-sizes 64,128 ... -- python train.py", for a shell
  std::int64_t trials = 24;
  std::int64_t slots = 1;
};

// Whether a study of the program makes sense.
bool is_ready(const ProgramCheck& check);

std::string check_text(const ProgramCheck& check, const StudyToCome& study, const TextStyle& style);

}  // namespace etalon
