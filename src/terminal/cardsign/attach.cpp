#include "terminal/cardsign/attach.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "terminal/cardsign/relay.hpp"

namespace tf::terminal {
namespace {

constexpr int kPauseMs = 1000;  // before the PC is called again
constexpr int kSeenGoneMs = 5000, kLookMs = 100;

bool stopped(int stop, int wait_ms) {
  pollfd one{stop, POLLIN, 0};
  return ::poll(&one, stop < 0 ? 0 : 1, wait_ms) > 0;
}

// Readable when the caller's is, or when the card has gone.
class Ends {
 public:
  explicit Ends(int stop) : both_(::epoll_create1(EPOLL_CLOEXEC)), gone_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    for (const int each : {stop, gone_}) {
      epoll_event event{.events = EPOLLIN, .data = {.fd = each}};
      if (each >= 0) ::epoll_ctl(both_, EPOLL_CTL_ADD, each, &event);
    }
  }
  ~Ends() {
    ::close(both_);
    ::close(gone_);
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  void tell() const { (void)::eventfd_write(gone_, 1); }
  [[nodiscard]] int descriptor() const { return both_; }

 private:
  int both_, gone_;
};

// As pcscd sees it, which is a moment later than whoever talks to the card.
bool present(pcsc::Library& library, const std::string& reader) {
  std::vector<pcsc::ReaderState> state{{.name = reader}};
  return library.wait_for_change(state, std::chrono::milliseconds(0)) == pcsc::Rc::ok && (state.front().now & pcsc::kStatePresent) != 0;
}

void say(const AttachPorts& ports, const std::string& what) {
  if (ports.progress) ports.progress(what);
}

}  // namespace

void AttachedCard::lose() {
  if (gone_) return;
  gone_ = true;
  if (on_gone_) on_gone_();
}

ByteView AttachedCard::atr() {
  if (!present(library_, reader_.name)) lose();
  return reader_.atr;
}

void AttachedCard::reset() {
  if (!gone_ && !channel_->reset()) lose();
}

Bytes AttachedCard::transmit(ByteView command) {
  const Bytes mute{0x6F, 0x00};
  if (gone_) return mute;
  auto answer = channel_->transmit(command);
  // Another program of the terminal reset the card: the PC sees a card that forgot everything, which is the truth.
  if (!answer && answer.error().reason == std::string_view("pcsc.reset") && channel_->reset()) answer = channel_->transmit(command);
  if (answer) return std::move(*answer);
  lose();
  return mute;
}

Status attach_card(pcsc::Inserted& card, const AttachOrder& order, const AttachPorts& ports) {
  while (!stopped(ports.stop, 0)) {
    auto link = pcsc::VpcdLink::connect(order.host, order.port);
    if (link) {
      say(ports, "the card is in the reader of " + order.host);
      if (const Status served = link->serve(card, ports.stop); !served) say(ports, describe(served.error()));
    } else {
      say(ports, describe(link.error()));
    }
    if (stopped(ports.stop, kPauseMs)) break;
  }
  return {};
}

Status attach(const AttachOrder& order, const AttachPorts& ports) {
  const auto told = [&] { return stopped(ports.stop, 0); };
  while (!told()) {
    auto found = pcsc::wait_for_card(ports.library, ports.clock, order.reader, std::chrono::hours(1), told);
    if (!found && (found.error().reason == std::string_view("pcsc.no_card") || found.error().reason == std::string_view("pcsc.no_reader"))) continue;
    const pcsc::Reader reader = TF_TRY(std::move(found));
    auto channel = pcsc::PcscChannel::open(ports.library, reader.name);
    if (!channel) {
      say(ports, describe(channel.error()));
      if (stopped(ports.stop, kPauseMs)) break;
      continue;
    }
    const Ends ends(ports.stop);
    AttachedCard card(ports.library, reader, std::move(*channel), [&] { ends.tell(); });
    AttachPorts inner = ports;
    inner.stop = ends.descriptor();
    TF_CHECK(attach_card(card, order, inner));
    if (!card.gone()) continue;
    say(ports, "the card was taken out of " + reader.name);
    // A card that pcscd still believes to be there is not to be asked for again: its reset fails, and pcscd then takes the next card for that one.
    for (int left = kSeenGoneMs; left > 0 && present(ports.library, reader.name) && !stopped(ports.stop, kLookMs); left -= kLookMs) {
    }
  }
  return {};
}

}  // namespace tf::terminal
