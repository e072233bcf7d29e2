// Both ends of a link over loopback: lost lines, hosts that do not read, hosts that talk rubbish.
#include "net/link/link.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <vector>

#include "net/link/dial.hpp"
#include "net/link/listener.hpp"
#include "tests/support/expect.hpp"

namespace tf::net {
namespace {

using namespace std::chrono_literals;

// What happened, to be waited for.
class Diary {
 public:
  void note(std::string what) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(what));
    changed_.notify_all();
  }
  bool wait_for(const std::string& what, std::ptrdiff_t times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return std::ranges::count(lines_, what) >= times; });
  }

  std::ptrdiff_t count(const std::string& what) {
    const std::scoped_lock lock(mutex_);
    return std::ranges::count(lines_, what);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

class LinkTest : public ::testing::Test {
 protected:
  using Answer = std::function<void(const std::shared_ptr<Channel>&, ByteView)>;
  static void echo(const std::shared_ptr<Channel>& channel, ByteView frame) { EXPECT_OK(channel->send(frame)); }

  std::unique_ptr<LinkListener> listener(Answer answer, std::uint16_t port = 0, std::size_t max_peers = 64) {
    auto out = std::make_unique<LinkListener>(ListenerEvents{
        .open = [this](const auto&) { host_.note("open"); }, .frame = std::move(answer),
        .closed = [this](const auto&, const Error& why) { host_.note(why.reason); }});
    EXPECT_OK(out->start({.port = port, .max_peers = max_peers}));
    return out;
  }
  std::unique_ptr<Link> link(std::uint16_t port, ChannelLimits limits = {}) {
    auto out = std::make_unique<Link>(
        LinkOptions{.host = "127.0.0.1", .port = port, .limits = limits, .first_pause = 1ms, .longest_pause = 20ms},
        LinkEvents{.up = [this] { client_.note("up"); }, .frame = [this](ByteView frame) { client_.note(std::string(as_text(frame))); },
                   .down = [this](const Error& why) { client_.note(why.reason); }});
    EXPECT_OK(out->start());
    return out;
  }

  Diary host_, client_;
};

TEST_F(LinkTest, carries_frames_both_ways) {
  const auto host = listener(echo);
  const auto line = link(host->port());
  ASSERT_TRUE(client_.wait_for("up"));
  EXPECT_TRUE(line->up());
  for (int i = 0; i < 1000; ++i) ASSERT_OK(line->send(as_bytes("message " + std::to_string(i))));
  EXPECT_TRUE(client_.wait_for("message 0"));
  EXPECT_TRUE(client_.wait_for("message 999"));
}

TEST_F(LinkTest, dials_again_until_the_host_is_there) {
  std::uint16_t port = 0;
  { port = listener(echo)->port(); }
  const auto line = link(port);
  ASSERT_TRUE(client_.wait_for("link.connect", 3));
  EXPECT_FALSE(line->up());
  EXPECT_REFUSED(line->send(as_bytes("0800")), Code::unavailable, "link.down");
  const auto host = listener(echo, port);
  EXPECT_TRUE(client_.wait_for("up"));
}

TEST_F(LinkTest, comes_back_after_each_cut) {
  const auto host = listener([](const auto& channel, ByteView) { channel->close(); });
  const auto line = link(host->port());
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(client_.wait_for("up", i));
    ASSERT_OK(line->send(as_bytes("cut me")));
    ASSERT_TRUE(client_.wait_for("link.closed", i));
  }
}

TEST_F(LinkTest, gives_up_a_connection_on_request) {
  const auto host = listener(echo);
  const auto line = link(host->port());
  ASSERT_TRUE(client_.wait_for("up"));
  line->renew();
  EXPECT_TRUE(client_.wait_for("link.closed"));
  EXPECT_TRUE(client_.wait_for("up", 2));
}

TEST_F(LinkTest, a_frame_that_breaks_off_is_never_told) {
  const auto host = listener([](const auto& channel, ByteView) {
    EXPECT_OK(channel->send_raw(as_bytes(std::string_view("\0\12half", 6))));
    channel->close();
  });
  const auto line = link(host->port());
  ASSERT_TRUE(client_.wait_for("up"));
  ASSERT_OK(line->send(as_bytes("ask")));
  ASSERT_TRUE(client_.wait_for("link.closed"));
  EXPECT_EQ(client_.count("half"), 0);
}

TEST_F(LinkTest, a_length_out_of_bounds_ends_the_connection) {
  const auto host = listener(echo);
  const auto line = link(host->port());
  ASSERT_TRUE(client_.wait_for("up"));
  Descriptor raw = dial("127.0.0.1", host->port(), 1000ms).value();
  ASSERT_EQ(::send(raw.get(), "\xFF\xFFxx", 4, 0), 4);
  EXPECT_TRUE(host_.wait_for("link.frame"));
  ASSERT_OK(line->send(as_bytes("others go on")));
  EXPECT_TRUE(client_.wait_for("others go on"));
}

TEST_F(LinkTest, a_host_that_does_not_read_is_given_up) {
  Listening silent = listen_at("127.0.0.1", 0).value();  // the system accepts, nobody reads
  const auto line = link(silent.port, {.write_timeout = 100ms, .max_queued = 64 * 1024 * 1024});
  ASSERT_TRUE(client_.wait_for("up"));
  const Bytes much(4000);
  for (int i = 0; i < 4000; ++i)
    if (!line->send(much)) break;
  EXPECT_TRUE(client_.wait_for("link.write_timeout"));
}

TEST_F(LinkTest, a_full_queue_refuses_and_does_not_wait) {
  Listening silent = listen_at("127.0.0.1", 0).value();
  const auto line = link(silent.port, {.write_timeout = 30s, .max_queued = 8000});
  ASSERT_TRUE(client_.wait_for("up"));
  const Bytes much(4000);
  Status sent;
  while (sent) sent = line->send(much);
  EXPECT_REFUSED(sent, Code::overloaded, "link.queue_full");
}

TEST_F(LinkTest, a_listener_closes_what_is_above_its_limit) {
  const auto host = listener(echo, 0, 1);
  const auto first = link(host->port());
  ASSERT_TRUE(host_.wait_for("open"));
  Descriptor second = dial("127.0.0.1", host->port(), 1000ms).value();
  pollfd waiting{second.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&waiting, 1, 30'000), 1);
  char byte = 0;
  EXPECT_LE(::recv(second.get(), &byte, 1, 0), 0);
}

TEST_F(LinkTest, two_listeners_do_not_share_a_port) {
  const auto host = listener(echo);
  LinkListener second({});
  EXPECT_REFUSED(second.start({.port = host->port()}), Code::unavailable, "link.listen");
}

}  // namespace
}  // namespace tf::net
