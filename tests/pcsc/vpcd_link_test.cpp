// The card's end of vpcd's line, against a reader that is a socket of this test.
#include "pcsc/vpcd_link.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"

namespace tf::pcsc {
namespace {

using test::must;

// Says what happens to it, and answers each command with the command and 9000.
class Echo final : public Inserted {
 public:
  ByteView atr() override { return atr_; }
  void power_on() override { events += "on "; }
  void power_off() override { events += "off "; }
  void reset() override { events += "reset "; }
  Bytes transmit(ByteView command) override {
    Bytes out = to_bytes(command);
    out.insert(out.end(), {0x90, 0x00});
    return too_long ? Bytes(65536) : out;
  }
  std::string events;
  bool too_long = false;

 private:
  const Bytes atr_{0x3B, 0x80};
};

class Vpcd : public testing::Test {
 protected:
  Vpcd() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
  }
  ~Vpcd() override {
    if (reader >= 0) ::close(reader);
    if (listener_ >= 0) ::close(listener_);
  }
  void accept() { reader = ::accept(listener_, nullptr, nullptr); }
  void stop_listening() { ::close(std::exchange(listener_, -1)); }
  void say(const Bytes& octets) { EXPECT_EQ(::send(reader, octets.data(), octets.size(), MSG_NOSIGNAL), static_cast<ssize_t>(octets.size())); }
  Bytes hear(std::size_t size) {
    Bytes out(size);
    EXPECT_EQ(::recv(reader, out.data(), size, MSG_WAITALL), static_cast<ssize_t>(size));
    return out;
  }
  void hang_up() { ::close(std::exchange(reader, -1)); }

  std::uint16_t port = 0;
  int reader = -1;

 private:
  int listener_;
};

TEST_F(Vpcd, controls_power_and_carries_commands_in_frames) {
  VpcdLink link = must(VpcdLink::connect("127.0.0.1", port));
  accept();
  Echo card;
  Status served;
  {
    const std::jthread thread([&] { served = link.serve(card); });
    say({0, 1, 0x04});
    EXPECT_EQ(hear(4), (Bytes{0, 2, 0x3B, 0x80}));
    say({0, 1, 0x01, 0, 1, 0x02});
    say({0, 4, 0x00, 0xA4, 0x04, 0x00});
    EXPECT_EQ(hear(8), (Bytes{0, 6, 0x00, 0xA4, 0x04, 0x00, 0x90, 0x00}));
    // In pieces, as Debian's vpcd sends it: the length, then the rest; and octet by octet.
    say({0, 5});
    say({0x00, 0xC0, 0x00, 0x00, 0x00});
    EXPECT_EQ(hear(9).back(), 0x00);
    for (std::uint8_t octet : Bytes{0, 4, 1, 2, 3, 4}) say({octet});
    EXPECT_EQ(hear(8), (Bytes{0, 6, 1, 2, 3, 4, 0x90, 0x00}));
    say({0, 1, 0x00});
    hang_up();
  }
  EXPECT_OK(served);
  EXPECT_EQ(card.events, "on on reset off ");
}

TEST_F(Vpcd, refuses_frames_that_are_none) {
  for (const Bytes& octets : {Bytes{0, 0}, Bytes{0, 1, 0x03}, Bytes{0}, Bytes{0, 5, 1, 2}}) {
    VpcdLink link = must(VpcdLink::connect("127.0.0.1", port));
    accept();
    Echo card;
    say(octets);
    hang_up();
    EXPECT_REFUSED(link.serve(card), Code::malformed, "pcsc.vpcd_frame");
  }
  VpcdLink link = must(VpcdLink::connect("127.0.0.1", port));
  accept();
  Echo card;
  card.too_long = true;
  say({0, 4, 0, 0, 0, 0});
  EXPECT_REFUSED(link.serve(card), Code::malformed, "pcsc.vpcd_frame");
}

TEST_F(Vpcd, stops_when_told_and_takes_the_card_out) {
  const int stop = ::eventfd(1, EFD_CLOEXEC);
  {
    VpcdLink link = must(VpcdLink::connect("127.0.0.1", port));
    accept();
    Echo card;
    EXPECT_OK(link.serve(card, stop));
  }
  ::close(stop);
  std::uint8_t octet = 0;
  EXPECT_EQ(::recv(reader, &octet, 1, 0), 0) << "the card is still in the reader";
}

TEST_F(Vpcd, is_told_when_nobody_listens) {
  stop_listening();
  EXPECT_REFUSED(VpcdLink::connect("127.0.0.1", port), Code::unavailable, "pcsc.vpcd");
}

}  // namespace
}  // namespace tf::pcsc
