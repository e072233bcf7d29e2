#include "net/link/listener.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/link/dial.hpp"

namespace tf::net {
namespace {

std::string text_of(const sockaddr_storage& address, socklen_t size) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "?";
  return std::string(host) + ":" + port;
}

}  // namespace

LinkListener::~LinkListener() { stop(); }

Status LinkListener::start(const ListenerOptions& options) {
  options_ = options;
  TF_CHECK(check(options_.framing));
  Listening listening = TF_TRY(listen_at(options_.host, options_.port));
  socket_ = std::move(listening.socket);
  port_ = listening.port;
  waker_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  thread_ = std::thread([this] { accept_loop(); });
  return {};
}

void LinkListener::stop() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  static_cast<void>(!::write(waker_.get(), &one, sizeof one));
  thread_.join();
  socket_ = Descriptor();
}

void LinkListener::accept_loop() {
  while (true) {
    pollfd waiting[2] = {{socket_.get(), POLLIN, 0}, {waker_.get(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) break;
    if (waiting[1].revents != 0) break;
    reap(false);
    if (waiting[0].revents != 0) accept_one();
  }
  reap(true);
}

void LinkListener::accept_one() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  Descriptor socket(::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.get() < 0) {
    // Out of file descriptors, mostly: trying again at once would only burn the processor.
    ::poll(nullptr, 0, 50);
    return;
  }
  if (peers_.size() >= options_.max_peers) return;
  auto peer = std::make_unique<Peer>();
  peer->channel = std::make_shared<Channel>(std::move(socket), text_of(address, size), options_.framing, options_.limits);
  peer->thread = std::thread([this, &at = *peer] {
    if (events_.open) events_.open(at.channel);
    const Error why = at.channel->run([&](ByteView frame) {
      if (events_.frame) events_.frame(at.channel, frame);
    });
    if (events_.closed) events_.closed(at.channel, why);
    at.ended = true;
  });
  peers_.push_back(std::move(peer));
}

void LinkListener::reap(bool all) {
  for (const auto& peer : peers_)
    if (all) peer->channel->close();
  std::erase_if(peers_, [all](const std::unique_ptr<Peer>& peer) {
    if (!all && !peer->ended) return false;
    peer->thread.join();
    return true;
  });
}

}  // namespace tf::net
