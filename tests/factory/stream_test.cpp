// Frames over the local connection.
#include "net/local/stream.hpp"

#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/factory/scene.hpp"

namespace tf::net::test {
namespace {

using tf::test::must;
namespace fs = std::filesystem;

constexpr int kPatienceMs = 20'000;
constexpr int kSoonMs = 20;

// Two ends, one of them raw.
struct RawPair {
  RawPair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    raw = Descriptor(ends[0]);
    stream.emplace(Descriptor(ends[1]));
  }
  void write(std::string_view bytes) const { EXPECT_EQ(::send(raw.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size())); }
  void hang_up() { raw = Descriptor(); }
  Descriptor raw;
  std::optional<LocalStream> stream;
};

TEST(LocalFrames, arrive_as_they_were_sent) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  LocalStream a{Descriptor(ends[0])};
  LocalStream b{Descriptor(ends[1])};
  const std::vector<std::string> frames = {"", "x", std::string("\0\n\xff", 3), std::string(64 * 1024, 'y')};
  std::jthread sender([&] {
    for (const std::string& frame : frames) must(a.send(frame));
  });
  for (const std::string& frame : frames) EXPECT_EQ(must(b.receive(64 * 1024, kPatienceMs)), frame);
}

TEST(LocalFrames, larger_than_allowed_are_refused_before_they_are_read) {
  RawPair pair;
  pair.write(std::string("\0\0\0\x05" "12345", 9));
  EXPECT_REFUSED(pair.stream->receive(4, kPatienceMs), Code::malformed, "net.local_frame");
  RawPair huge;
  huge.write("\xff\xff\xff\xff");  // four gigabytes announced
  EXPECT_REFUSED(huge.stream->receive(64 * 1024, kPatienceMs), Code::malformed, "net.local_frame");
}

TEST(LocalFrames, that_are_truncated_are_no_frames) {
  for (const std::string& sent : {std::string(), std::string("\0\0", 2), std::string("\0\0\0\x05", 4), std::string("\0\0\0\x05" "1234", 8)}) {
    RawPair pair;
    pair.write(sent);
    pair.hang_up();
    EXPECT_REFUSED(pair.stream->receive(64, kPatienceMs), Code::unavailable, "net.local_closed");
  }
}

TEST(LocalFrames, are_not_waited_for_without_end) {
  for (const std::string& sent : {std::string(), std::string("\0\0", 2), std::string("\0\0\0\x05" "1234", 8)}) {
    RawPair pair;
    pair.write(sent);
    EXPECT_REFUSED(pair.stream->receive(64, kSoonMs), Code::unavailable, "net.local_timeout");
  }
}

TEST(LocalFrames, that_come_drop_by_drop_run_out_of_time_all_the_same) {
  RawPair pair;
  std::jthread dropper([&](const std::stop_token& stop) {
    const std::string frame = std::string("\0\0\x01\0", 4) + std::string(256, 'z');
    for (std::size_t i = 0; i < frame.size() && !stop.stop_requested(); ++i) {
      if (::send(pair.raw.get(), &frame[i], 1, MSG_NOSIGNAL) != 1) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  EXPECT_REFUSED(pair.stream->receive(1024, 200), Code::unavailable, "net.local_timeout");
}

TEST(LocalFrames, cannot_be_sent_to_somebody_who_hung_up) {
  RawPair pair;
  pair.hang_up();
  EXPECT_REFUSED(pair.stream->send("x"), Code::unavailable, "net.local_closed");
}

class Listener : public testing::Test {
 protected:
  tf::test::TemporaryDirectory directory;
  std::string path = directory.file("socket");
};

TEST_F(Listener, accepts_and_gives_up_waiting) {
  auto listener = must(LocalListener::bind(path));
  EXPECT_FALSE(must(listener.accept(kSoonMs)));
  auto near = must(LocalStream::connect(path));
  auto far = must(listener.accept(kPatienceMs));
  ASSERT_TRUE(far);
  must(near.send("hello"));
  EXPECT_EQ(must(far->receive(64, kPatienceMs)), "hello");
  must(far->send("you"));
  EXPECT_EQ(must(near.receive(64, kPatienceMs)), "you");
}

TEST_F(Listener, is_for_its_owner_only) {
  const auto listener = must(LocalListener::bind(path));
  EXPECT_EQ(fs::status(path).permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
}

TEST_F(Listener, refuses_a_second_one) {
  auto listener = must(LocalListener::bind(path));
  EXPECT_REFUSED(LocalListener::bind(path), Code::conflict, "net.local_in_use");
  EXPECT_OK(LocalStream::connect(path));
}

TEST_F(Listener, cleans_up_and_replaces_what_a_dead_one_left) {
  { const auto listener = must(LocalListener::bind(path)); }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_REFUSED(LocalStream::connect(path), Code::unavailable, "net.local_connect");
  fs::path left = directory.file("left");
  {
    const auto dead = must(LocalListener::bind(left));
    fs::rename(left, path);  // it unlinks its own name only
  }
  ASSERT_TRUE(fs::is_socket(path));
  EXPECT_OK(LocalListener::bind(path));
}

TEST_F(Listener, does_not_remove_a_file_that_is_no_socket) {
  std::ofstream(path) << "loader.keys by mistake";
  EXPECT_REFUSED(LocalListener::bind(path), Code::conflict, "net.local_path_taken");
  EXPECT_TRUE(fs::is_regular_file(path));
}

TEST_F(Listener, wants_a_path_that_fits) {
  EXPECT_REFUSED(LocalListener::bind(""), Code::invalid, "net.local_path");
  EXPECT_REFUSED(LocalListener::bind(directory.file(std::string(108, 'x'))), Code::invalid, "net.local_path");
  EXPECT_REFUSED(LocalStream::connect(directory.file(std::string(108, 'x'))), Code::invalid, "net.local_path");
  EXPECT_REFUSED(LocalListener::bind(directory.file("no/such/directory")), Code::unavailable, "net.local_bind");
}

}  // namespace
}  // namespace tf::net::test
