// A program that runs another one as a trial, through the etalon command that is installed beside.
#include <chrono>
#include <cstdio>
#include <etalon/program.hpp>
#include <filesystem>

int main() {
  etalon::ProgramOptions options;
  options.command = {"sh", "-c", "echo batch=$0 lr=$1 loss=0.25", "{batch_size}", "{lr}"};
  options.metric = "loss";
  options.directory = std::filesystem::current_path() / "trials";
  etalon::ProgramRunner runner(options);
  runner.start(1, {.batch_size = 64, .lr = 0.1, .seed = 1});
  for (;;) {
    const auto event = runner.wait(std::chrono::seconds(10));
    const auto* result = event ? std::get_if<etalon::TrialResult>(&event->what) : nullptr;
    if (result == nullptr) continue;
    std::printf("%s\n", result->message.c_str());
    return result->objective == 0.25 ? 0 : 1;
  }
}
