#include "watch/watch_server.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "etalon/error.hpp"
#include "etalon/report.hpp"
#include "report/assets.hpp"
#include "report/page.hpp"
#include "report/study/summary_json.hpp"
#include "watch/trial_log.hpp"

namespace etalon {
namespace {

using httplib::Request;
using httplib::Response;
using FramePointer = std::shared_ptr<const Frame>;

constexpr const char* kAddress = "127.0.0.1";
constexpr std::size_t kOtherThreads = 16;    // beside those of streams
constexpr time_t kSlowReader = 5;            // seconds that a reader or writer may take for a piece
constexpr std::chrono::seconds kSilence(3);  // after which a stream says that it is still there

// The library's own options would let two servers share a port.
void take_alone(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return is_whole && value >= 0 ? std::optional(value) : std::nullopt;
}

std::string event_text(const Frame& frame, std::int64_t since) {
  return fmt::format("id: {}\ndata: {}\n\n", frame.version, changes_since(frame, since));
}

std::string page_text(const Frame& frame) {
  std::ostringstream page;
  const std::string json = changes_since(frame, 0);
  write_page({.body = assets::report_html(),
              .style = assets::report_css(),
              .json = json,
              .script = assets::report_js(),
              .is_served = true},
             page);
  return page.str();
}

std::string reported(const Reporter& reporter, const Frame& frame) {
  std::ostringstream text;
  reporter.report(frame.study->result, frame.study->provenance, text);
  return text.str();
}

// As it is: set_content would have the library compress it, which takes seconds for a page and
// saves nothing on this machine.
void send_whole(Response& response, std::string text, const char* type) {
  const auto kept = std::make_shared<const std::string>(std::move(text));
  response.set_content_provider(
      kept->size(), type, [kept](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(kept->data() + offset, length);
      });
}

void refuse(Response& response, int status, const char* why) {
  response.status = status;
  response.set_content(std::string(why) + "\n", "text/plain; charset=utf-8");
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.back() != ']';
  const std::string_view name = has_port ? host.substr(0, colon) : host;
  const std::string_view port = has_port ? host.substr(colon + 1) : "80";
  const bool is_number = !port.empty() && port.size() <= 5 &&
                         port.find_first_not_of("0123456789") == std::string_view::npos;
  return is_number && (name == kAddress || name == "localhost" || name == "[::1]");
}

void WatchServerOptions::validate() const {
  if (port >= 0 && port <= 65535) return;
  throw InputError(fmt::format("{} is {}", field_name("port"), port), "",
                   "give a number from 0 to 65535");
}

class WatchServer::State {
 public:
  State(const Board& board, std::filesystem::path directory, const WatchServerOptions& options)
      : board_(board), directory_(std::move(directory)), options_(options) {
    options_.validate();
    limit_readers();
    add_routes();
    take_port();
  }

  int port() const { return port_; }
  std::size_t streams() const { return streams_; }
  void serve() {
    is_serving_ = true;
    if (!is_stopped_) server_.listen_after_bind();
    is_serving_ = false;
  }
  // Before it listens the library would not hear of it.
  void stop() {
    is_stopped_ = true;
    while (is_serving_ && !server_.is_running()) std::this_thread::yield();
    server_.stop();
  }

 private:
  // One more stream for as long as it lives.
  class CountedStream {
   public:
    explicit CountedStream(std::atomic<std::size_t>& streams) : streams_(streams) { ++streams_; }
    ~CountedStream() { --streams_; }
    CountedStream(const CountedStream&) = delete;
    CountedStream& operator=(const CountedStream&) = delete;

   private:
    std::atomic<std::size_t>& streams_;
  };

  void limit_readers() {
    const std::size_t threads = options_.most_streams + kOtherThreads;
    server_.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
    server_.set_read_timeout(kSlowReader);
    server_.set_write_timeout(kSlowReader);
    server_.set_keep_alive_timeout(2);
    server_.set_payload_max_length(0);
    server_.set_tcp_nodelay(true);
    server_.set_socket_options(take_alone);
    server_.set_pre_routing_handler([](const Request& request, Response& response) {
      response.set_header("Cache-Control", "no-store");
      response.set_header("X-Content-Type-Options", "nosniff");
      if (is_loopback_host(request.get_header_value("Host"))) {
        return httplib::Server::HandlerResponse::Unhandled;
      }
      refuse(response, 403, "This page answers to http://127.0.0.1 and http://localhost alone.");
      return httplib::Server::HandlerResponse::Handled;
    });
  }

  void add_routes() {
    get("/", "text/html; charset=utf-8", page_text);
    get("/study.json", "application/json",
        [](const Frame& frame) { return changes_since(frame, 0); });
    get("/summary.json", "application/json",
        [](const Frame& frame) { return reported(SummaryJsonReporter(), frame); });
    get("/trials.csv", "text/csv; charset=utf-8",
        [](const Frame& frame) { return reported(TrialsCsvReporter(), frame); });
    get("/curves.csv", "text/csv; charset=utf-8",
        [](const Frame& frame) { return reported(CurvesCsvReporter(), frame); });
    server_.Get("/trial", [this](const Request& request, Response& response) {
      answer_trial(request, response);
    });
    server_.Get("/events", [this](const Request& request, Response& response) {
      open_stream(request, response);
    });
  }

  void get(const char* path, const char* type, std::string (*text)(const Frame&)) {
    server_.Get(path, [this, type, text](const Request&, Response& response) {
      const FramePointer frame = board_.newest();
      if (!frame) {
        response.set_header("Refresh", "1");  // a browser then asks again by itself
        return refuse(response, 503, "The study cannot be read yet.");
      }
      send_whole(response, text(*frame), type);
    });
  }

  void answer_trial(const Request& request, Response& response) const {
    const auto id = whole_number(request.get_param_value("id"));
    if (!id) return refuse(response, 400, "Name a trial: /trial?id=12");
    send_whole(response, json_text(trial_log_json(directory_, *id), -1), "application/json");
  }

  void open_stream(const Request& request, Response& response) {
    const std::string last = request.get_header_value("Last-Event-ID");
    const auto since = whole_number(last.empty() ? request.get_param_value("since") : last);
    if (!since) return refuse(response, 400, "Say what you have: /events?since=0");
    auto stream = std::make_shared<CountedStream>(streams_);
    if (streams_ > options_.most_streams) return refuse(response, 503, "Too many pages are open.");
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, stream, version = *since](std::size_t, httplib::DataSink& sink) mutable {
          return say_next(version, sink);
        });
  }

  // False ends the stream: nobody reads it, or the study is not watched any more.
  bool say_next(std::int64_t& version, httplib::DataSink& sink) const {
    const FramePointer frame = board_.wait_newer(version, kSilence);
    if (board_.is_closed()) return end_stream(version, sink);
    const std::string text = frame ? event_text(*frame, version) : ": still here\n\n";
    if (frame) version = frame->version;
    return sink.write(text.data(), text.size());
  }

  // With what was put up last.
  bool end_stream(std::int64_t version, httplib::DataSink& sink) const {
    const FramePointer last = board_.newest();
    if (last && last->version > version) {
      const std::string text = event_text(*last, version);
      sink.write(text.data(), text.size());
    }
    sink.done();
    return true;
  }

  void take_port() {
    if (options_.port != 0 && server_.bind_to_port(kAddress, options_.port)) {
      port_ = options_.port;
    } else if (options_.port == 0 || options_.may_take_another) {
      port_ = server_.bind_to_any_port(kAddress);
    }
    if (port_ > 0) return;
    throw RunError(fmt::format("port {} cannot be had", options_.port), kAddress,
                   fmt::format("name another with {}, or 0 for any", field_name("port")));
  }

  const Board& board_;
  const std::filesystem::path directory_;
  const WatchServerOptions options_;
  std::atomic<std::size_t> streams_ = 0;
  std::atomic<bool> is_serving_ = false, is_stopped_ = false;
  int port_ = 0;
  httplib::Server server_;  // last, so that its threads end before what they use
};

WatchServer::WatchServer(const Board& board, std::filesystem::path study_directory,
                         const WatchServerOptions& options)
    : state_(std::make_unique<State>(board, std::move(study_directory), options)) {}

WatchServer::~WatchServer() = default;

int WatchServer::port() const { return state_->port(); }
std::size_t WatchServer::streams() const { return state_->streams(); }
void WatchServer::serve() { state_->serve(); }
void WatchServer::stop() { state_->stop(); }

}  // namespace etalon
