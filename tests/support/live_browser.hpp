// Headless Chromium that a test talks to while a page is open, over the DevTools protocol through a
// pair of pipes: it opens addresses, runs scripts in the page, moves the mouse.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"

namespace etalon::testing {

class LiveBrowser {
 public:
  explicit LiveBrowser(int width = 1280, int height = 900) {
    std::array<int, 2> to{}, from{};
    if (pipe2(to.data(), O_CLOEXEC) != 0 || pipe2(from.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("pipe failed");
    }
    start(to[0], from[1], width, height);
    close(to[0]);
    close(from[1]);
    to_ = to[1];
    from_ = from[0];
    const auto target = command("Target.createTarget", {{"url", "about:blank"}});
    session_ =
        command("Target.attachToTarget", {{"targetId", target.at("targetId")}, {"flatten", true}})
            .at("sessionId")
            .get<std::string>();
    command("Page.enable");
    command("Runtime.enable");
    command("Emulation.setDeviceMetricsOverride",
            {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", false}});
  }
  ~LiveBrowser() {
    close(to_);
    close(from_);
    kill(-process_, SIGKILL);  // it leads a group of its own, with all that it started
    waitpid(process_, nullptr, 0);
  }
  LiveBrowser(const LiveBrowser&) = delete;
  LiveBrowser& operator=(const LiveBrowser&) = delete;

  // Until the page's script has put it together.
  void open(const std::string& address) {
    command("Page.navigate", {{"url", address}});
    ASSERT_TRUE(comes_true("document.documentElement?.dataset.ready === 'yes'", 60.0)) << address;
  }

  // The value of an expression, as JSON. What the page throws fails the test.
  nlohmann::json evaluate(const std::string& expression) {
    const auto answer =
        command("Runtime.evaluate",
                {{"expression", expression}, {"returnByValue", true}, {"awaitPromise", true}});
    EXPECT_FALSE(answer.contains("exceptionDetails")) << answer.dump();
    return answer.at("result").value("value", nlohmann::json());
  }

  // Whether it is so within as many seconds.
  bool comes_true(const std::string& expression, double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
      try {
        if (evaluate(expression) == nlohmann::json(true)) return true;
      } catch (const std::runtime_error&) {
        // The page was loaded anew meanwhile.
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  void mouse(const char* type, double x, double y) {
    const bool is_move = std::strcmp(type, "mouseMoved") == 0;
    command("Input.dispatchMouseEvent", {{"type", type},
                                         {"x", x},
                                         {"y", y},
                                         {"button", is_move ? "none" : "left"},
                                         {"clickCount", is_move ? 0 : 1}});
  }

  // What went wrong in the page's scripts so far.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  void start(int in, int out, int width, int height) {
    // Out of the way of the numbers that they are to have.
    const int high_in = fcntl(in, F_DUPFD_CLOEXEC, 20), high_out = fcntl(out, F_DUPFD_CLOEXEC, 20);
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_adddup2(&actions, high_in, 3);
    posix_spawn_file_actions_adddup2(&actions, high_out, 4);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<std::string> words = {
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--remote-debugging-pipe",
        "--user-data-dir=" + (scratch_.path() / "profile").string(),
        "--window-size=" + std::to_string(width) + "," + std::to_string(height),
        "about:blank"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int error =
        posix_spawnp(&process_, "chromium", &actions, &attributes, arguments.data(), environ);
    close(high_in);
    close(high_out);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) throw std::runtime_error("chromium (packages-test.txt) did not start");
  }

  nlohmann::json command(const std::string& method,
                         nlohmann::json parameters = nlohmann::json::object()) {
    nlohmann::json message = {
        {"id", ++number_}, {"method", method}, {"params", std::move(parameters)}};
    if (!session_.empty()) message["sessionId"] = session_;
    const std::string text = message.dump() + '\0';
    if (write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      throw std::runtime_error("chromium does not listen");
    }
    for (;;) {
      nlohmann::json heard = hear();
      if (heard.value("id", 0) != number_) {
        note(heard);
      } else if (heard.contains("error")) {
        throw std::runtime_error(method + ": " + heard["error"].dump());
      } else {
        return heard.at("result");
      }
    }
  }

  void note(const nlohmann::json& event) {
    const std::string method = event.value("method", "");
    if (method == "Runtime.exceptionThrown" || method == "Runtime.consoleAPICalled") {
      complaints_.push_back(event.dump());
    }
  }

  // The next message; they end with a zero byte.
  nlohmann::json hear() {
    for (;;) {
      const std::size_t end = heard_.find('\0');
      if (end != std::string::npos) {
        nlohmann::json message = nlohmann::json::parse(heard_.substr(0, end));
        heard_.erase(0, end + 1);
        return message;
      }
      std::array<char, 65536> bytes{};
      const ssize_t length = read(from_, bytes.data(), bytes.size());
      if (length <= 0) throw std::runtime_error("chromium (packages-test.txt) has ended");
      heard_.append(bytes.data(), static_cast<std::size_t>(length));
    }
  }

  const TemporaryDirectory scratch_;
  pid_t process_ = -1;
  int to_ = -1, from_ = -1, number_ = 0;
  std::string session_, heard_;
  std::vector<std::string> complaints_;
};

}  // namespace etalon::testing
