// The process between a study and a program: it starts the program, outlives it, and leaves
// nothing of it behind.
//
// A supervisor is a process of its own (`etalon supervise DIRECTORY`), one for each attempt. It
// adopts what the program's processes leave behind, so that it can find all of them, whatever
// session or group they went to. It stops the whole tree when it is asked to (SIGTERM), when the
// time is over, when the program has ended without its children, and when the study is gone,
// which it hears from its standard input: that ends when the study's process does, however it
// does; a byte in it asks to stop. To stop is to ask (SIGTERM), to wait for the grace, and to kill.
// Linux.
#pragma once

#include <functional>

#include "program/attempt.hpp"

namespace etalon {

// Runs what is to be run in the attempt, until nothing of it is left, and writes its status. To be
// called once in a process that has one thread and no children. `lifeline` is a descriptor that
// reads its end when the study is gone; -1: none. Throws InputError where nothing is to be run,
// RunError where the status cannot be written.
void supervise(const AttemptFiles& files, int lifeline);

// The same for a supervisor that stands under a batch system, which tells all processes at once
// when it ends a job. `is_withdrawn` is asked every few seconds whether the attempt is another's by
// now; it is then stopped as that.
void supervise_job(const AttemptFiles& files, const std::function<bool()>& is_withdrawn);

}  // namespace etalon
