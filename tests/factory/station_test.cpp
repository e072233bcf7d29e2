// The loader's bench, over a real local connection.
#include "factory/station.hpp"

#include <atomic>
#include <thread>

#include "net/local/stream.hpp"
#include "tests/factory/scene.hpp"

namespace tf::factory::test {
namespace {

constexpr std::size_t kMaxFrame = 64 * 1024;
constexpr int kPatienceMs = 20'000;

class Station : public testing::Test {
 protected:
  void SetUp() override { bench_ = std::jthread([this] { done = run_station(loader, socket, FactorKind::random, [this] { return stop_.load(); }); }); }
  void TearDown() override { stop(); }
  // The station has left off; now the loader may be looked at.
  void stop() {
    stop_ = true;
    if (bench_.joinable()) bench_.join();
  }
  net::LocalStream connect() {
    while (true) {
      if (auto stream = net::LocalStream::connect(socket)) return std::move(*stream);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  static std::string receive(net::LocalStream& stream) { return must(stream.receive(kMaxFrame, kPatienceMs), "a frame of the loader"); }
  rki::Personalisation ask(net::LocalStream& stream, const wire::Dsn& dsn) {
    must(stream.send(rki::encode(request_for(dsn))));
    auto given = must(rki::decode_personalisation(receive(stream)));
    given.secrets = must(rki::decode_personalisation_secrets(must(stream.receive_secret(kMaxFrame, kPatienceMs))));
    return given;
  }
  void personalise(const wire::Dsn& dsn) {
    auto stream = connect();
    const auto given = ask(stream, dsn);
    must(stream.send(rki::encode_stored(fingerprint_of(given))));
    EXPECT_EQ(receive(stream), rki::encode_done());
  }
  Scene scene;
  Loader loader = scene.loader_with_batch();
  std::string socket = scene.directory.file("loader.sock");
  Result<std::int64_t> done{0};

 private:
  std::atomic<bool> stop_{false};
  std::jthread bench_;
};

TEST_F(Station, serves_one_device_after_another_and_logs_each) {
  for (const char* serial : {"TF10000001", "TF10000002", "TF10000003"}) personalise(dsn(serial));
  stop();
  EXPECT_EQ(must(std::move(done)), 3);
  EXPECT_EQ(loader.log().entries().size(), 3U);
}

TEST_F(Station, tells_a_device_why_it_is_refused_and_serves_the_next) {
  for (const std::string& frame : {rki::encode(request_for(dsn("TF10000100"))), std::string("{"), std::string(), std::string(R"({"dsn":"TF10000001"})")}) {
    auto stream = connect();
    must(stream.send(frame));
    EXPECT_REFUSED(rki::check_not_refused(receive(stream)), Code::refused, "rki.loader_refused");
  }
  personalise(dsn("TF10000001"));
  auto again = connect();
  must(again.send(rki::encode(request_for(dsn("TF10000001")))));
  EXPECT_THAT(receive(again), testing::HasSubstr("factory.personalised"));
  stop();
  EXPECT_EQ(must(std::move(done)), 1);
}

TEST_F(Station, does_not_log_a_device_that_stored_something_else) {
  {
    auto stream = connect();
    Hash256 other = fingerprint_of(ask(stream, dsn("TF10000001")));
    other[0] ^= 1;
    must(stream.send(rki::encode_stored(other)));
    EXPECT_THAT(receive(stream), testing::HasSubstr("factory.other_certificate"));
  }
  {
    auto stream = connect();
    ask(stream, dsn("TF10000001"));
    must(stream.send("{}"));
    EXPECT_THAT(receive(stream), testing::HasSubstr("refused"));
  }
  stop();
  EXPECT_TRUE(loader.log().entries().empty());
}

TEST_F(Station, does_not_log_a_device_that_hung_up_and_lets_it_come_again) {
  connect();
  {
    auto stream = connect();
    ask(stream, dsn("TF10000001"));
  }
  personalise(dsn("TF10000001"));
  stop();
  EXPECT_EQ(must(std::move(done)), 1);
  EXPECT_EQ(loader.log().entries().size(), 1U);
}

TEST_F(Station, refuses_a_frame_that_is_too_large) {
  auto stream = connect();
  must(stream.send(std::string(kMaxFrame + 1, ' ')));
  EXPECT_THAT(receive(stream), testing::HasSubstr("net.local_frame"));
}

TEST_F(Station, is_alone_on_its_socket) {
  personalise(dsn("TF10000001"));
  Loader other = scene.make_loader("other");
  EXPECT_REFUSED(run_station(other, socket, FactorKind::random, [] { return true; }), Code::conflict, "net.local_in_use");
  personalise(dsn("TF10000002"));
}

}  // namespace
}  // namespace tf::factory::test
