// The page's server, as its readers meet it: well behaved, slow, malformed and many.
#include "watch/watch_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "etalon/error.hpp"
#include "support/synthetic_study.hpp"
#include "support/temporary_directory.hpp"
#include "watch/watched_frames.hpp"

namespace etalon {
namespace {

using testing::frame_of;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A server with a study on its board.
class Served {
 public:
  explicit Served(std::size_t most_streams = 64, bool has_study = true)
      : server_(board_, directory_.path(), {.port = 0, .most_streams = most_streams}),
        thread_([this] { server_.serve(); }) {
    if (has_study) board_.put(frame_of(testing::synthetic_study(), 1));
    client_.set_read_timeout(60);
    for (int i = 0; i < 600 && !client_.Get("/trial?id=0"); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  ~Served() {
    board_.close();
    server_.stop();
  }

  httplib::Client& client() { return client_; }
  WatchServer& server() { return server_; }
  Board& board() { return board_; }
  const std::filesystem::path& directory() const { return directory_.path(); }

 private:
  const testing::TemporaryDirectory directory_;
  Board board_;
  WatchServer server_;
  httplib::Client client_{"127.0.0.1", server_.port()};
  std::jthread thread_;
};

// A connection of our own, for what no client would say.
class Line {
 public:
  explicit Line(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, "127.0.0.1", &place.sin_addr);
    is_open_ = connect(socket_, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0;
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Line() { close(socket_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  bool is_open() const { return is_open_; }
  void say(std::string_view text) const { send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  // What comes until `mark` does, or the line ends.
  std::string hear(std::string_view mark) const {
    std::string all;
    std::array<char, 65536> bytes{};
    while (all.find(mark) == std::string::npos) {
      const ssize_t length = recv(socket_, bytes.data(), bytes.size(), 0);
      if (length <= 0) break;
      all.append(bytes.data(), static_cast<std::size_t>(length));
    }
    return all;
  }

 private:
  int socket_;
  bool is_open_ = false;
};

constexpr std::string_view kStream = "GET /events?since=0 HTTP/1.1\r\nHost: localhost\r\n\r\n";

bool comes_to(const WatchServer& server, std::size_t streams) {
  for (int i = 0; i < 1200; ++i) {
    if (server.streams() == streams) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return false;
}

TEST(LoopbackHost, IsThisMachinesAloneWithAnyPort) {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:8571", "localhost", "localhost:9", "[::1]", "[::1]:80"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host :
       {"", "evil.com", "127.0.0.1.evil.com", "localhost.evil.com:80",
        "localhost:", "localhost:80x", "127.0.0.1:80:80", "0.0.0.0", "[::1", "localhost:123456"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(WatchServer, ServesThePageWithItsData) {
  Served served;
  const auto page = served.client().Get("/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->body, StartsWith("<!doctype html>"));
  EXPECT_THAT(page->body, HasSubstr("; connect-src 'self'\""));
  EXPECT_EQ(page->get_header_value("Cache-Control"), "no-store");
  const auto data = served.client().Get("/study.json");
  EXPECT_EQ(nlohmann::json::parse(data->body).at("version"), 1);
  EXPECT_THAT(served.client().Get("/trials.csv")->body, StartsWith("trial,round,stage"));
  EXPECT_THAT(served.client().Get("/curves.csv")->body, StartsWith("trial,batch_size"));
  EXPECT_EQ(nlohmann::json::parse(served.client().Get("/summary.json")->body).at("format_version"),
            1);
}

TEST(WatchServer, AnswersToNoOtherName) {
  Served served;
  for (const char* path : {"/", "/study.json", "/events?since=0", "/nowhere"}) {
    const auto answer = served.client().Get(path, {{"Host", "rebound.example"}});
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 403) << path;
    EXPECT_THAT(answer->body, Not(HasSubstr("summary"))) << path;
  }
}

TEST(WatchServer, ListensOnTheLoopbackAddressAlone) {
  Served served;
  std::ifstream table("/proc/net/tcp");
  const std::string port = fmt::format(":{:04X} ", served.server().port());
  int listening = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.find(port) == std::string::npos || line.find(" 0A ") == std::string::npos) continue;
    ++listening;
    EXPECT_THAT(line, HasSubstr("0100007F" + port)) << "127.0.0.1 as the kernel writes it";
  }
  EXPECT_EQ(listening, 1);
}

TEST(WatchServer, TakesNothingFromItsReaders) {
  Served served;
  const auto is_refused = [](const httplib::Result& result) {
    return !result || result->status / 100 == 4;
  };
  EXPECT_TRUE(is_refused(served.client().Post("/", "x", "text/plain")));
  EXPECT_TRUE(is_refused(served.client().Put("/study.json", "{}", "application/json")));
  EXPECT_TRUE(is_refused(served.client().Delete("/")));
  EXPECT_TRUE(std::filesystem::is_empty(served.directory()));
}

TEST(WatchServer, SaysThatThereIsNothingYet) {
  Served served(64, false);
  const auto answer = served.client().Get("/");
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->get_header_value("Refresh"), "1") << "the page comes by itself";
}

TEST(WatchServer, StreamsWhatIsNew) {
  Served served;
  const Line line(served.server().port());
  line.say(kStream);
  EXPECT_THAT(line.hear("\n\n"), HasSubstr("text/event-stream"));
  ASSERT_TRUE(comes_to(served.server(), 1));
  served.board().put(frame_of(testing::synthetic_study(), 2));
  EXPECT_THAT(line.hear("id: 2\n"), HasSubstr("id: 2\n"));
}

TEST(WatchServer, RefusesAStreamThatDoesNotSayWhatItHas) {
  Served served;
  for (const char* path : {"/events", "/events?since=", "/events?since=-1", "/events?since=1e3",
                           "/events?since=99999999999999999999", "/trial", "/trial?id=../../etc"}) {
    EXPECT_EQ(served.client().Get(path)->status, 400) << path;
  }
}

TEST(WatchServer, HasSoManyStreamsAndNoMore) {
  Served served(2);
  const Line first(served.server().port()), second(served.server().port());
  first.say(kStream);
  second.say(kStream);
  ASSERT_TRUE(comes_to(served.server(), 2));
  EXPECT_EQ(served.client().Get("/events?since=0")->status, 503);
  EXPECT_EQ(served.client().Get("/")->status, 200) << "the page itself is not a stream";
}

TEST(WatchServer, EndsAStreamWithItsReader) {
  Served served(1);
  {
    const Line line(served.server().port());
    line.say(kStream);
    ASSERT_TRUE(comes_to(served.server(), 1));
  }
  EXPECT_TRUE(comes_to(served.server(), 0)) << "nobody reads it any more";
}

TEST(WatchServer, GivesUpOnAReaderThatDoesNotRead) {
  Served served(1);
  const Line line(served.server().port());
  line.say(kStream);
  ASSERT_TRUE(comes_to(served.server(), 1));
  Frame much = *frame_of(testing::synthetic_study(), 1);
  much.live.append(1 << 20, ' ');
  for (much.version = 2; much.version < 200 && served.server().streams() > 0; ++much.version) {
    served.board().put(std::make_shared<Frame>(much));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(comes_to(served.server(), 0));
}

TEST(WatchServer, OutlivesWhatIsNoRequest) {
  Served served;
  const std::string long_line(100'000, 'a');
  for (const std::string& text :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("\0\xff\xfe\x01", 4),
        "GET /" + long_line + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + long_line + "\r\n\r\n",
        std::string("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nx"),
        std::string("GET /%zz%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=5-1,-,x-\r\n\r\n")}) {
    const Line line(served.server().port());
    line.say(text);
    line.hear("\r\n");
  }
  EXPECT_EQ(served.client().Get("/")->status, 200);
}

TEST(WatchServer, ServesOthersWhileSomeSayNothing) {
  Served served;
  std::vector<std::unique_ptr<Line>> idle;
  for (int i = 0; i < 30; ++i) {
    idle.push_back(std::make_unique<Line>(served.server().port()));
    idle.back()->say("GET / HT");
  }
  EXPECT_EQ(served.client().Get("/study.json")->status, 200);
}

TEST(WatchServer, AnswersTenThousandRequests) {
  Served served;
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> readers;
    for (int reader = 0; reader < 4; ++reader) {
      readers.emplace_back([&] {
        httplib::Client client("127.0.0.1", served.server().port());
        client.set_keep_alive(true);
        client.set_read_timeout(60);
        for (int i = 0; i < 2500; ++i) {
          const auto answer = client.Get("/trial?id=1");
          if (answer && answer->status == 200) ++answered;
        }
      });
    }
  }
  EXPECT_EQ(answered, 10'000);
  EXPECT_EQ(served.client().Get("/")->status, 200);
}

TEST(WatchServer, ShowsTheCommandAndTheLogOfATrial) {
  Served served;
  const auto attempt = served.directory() / "trials" / "3" / "1";
  std::filesystem::create_directories(attempt);
  std::ofstream(attempt / "stdout") << "loss 0.5\n";
  std::ofstream(attempt / "stderr") << std::string(100'000, 'x') << "\nTraceback \xff\n";
  const auto log = nlohmann::json::parse(served.client().Get("/trial?id=3")->body);
  ASSERT_EQ(log.at("attempts").size(), 1u);
  EXPECT_EQ(log["attempts"][0]["directory"], "trials/3/1");
  EXPECT_EQ(log["attempts"][0]["stdout"], "loss 0.5\n");
  EXPECT_EQ(log["attempts"][0]["stderr"], "Traceback \xef\xbf\xbd\n")
      << "from the first whole line on";
  EXPECT_TRUE(
      nlohmann::json::parse(served.client().Get("/trial?id=4")->body).at("attempts").empty());
}

TEST(WatchServer, TakesAnotherPortOnlyWhereItMay) {
  Served served;
  const Board board;
  WatchServerOptions options{.port = served.server().port()};
  EXPECT_NE(WatchServer(board, ".", options).port(), options.port);
  options.may_take_another = false;
  EXPECT_THROW(WatchServer(board, ".", options), RunError);
  EXPECT_THROW(WatchServer(board, ".", {.port = 70'000}), InputError);
}

}  // namespace
}  // namespace etalon
