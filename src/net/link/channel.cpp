#include "net/link/channel.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace tf::net {
namespace {

Error closed(int error) {
  return {Code::unavailable, "link.closed", error == 0 ? std::string() : std::generic_category().message(error)};
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Channel::Channel(Descriptor socket, std::string address, const Framing& framing, const ChannelLimits& limits)
    : socket_(std::move(socket)), waker_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), address_(std::move(address)), framing_(framing),
      limits_(limits) {
  const int on = 1;
  static_cast<void>(::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

Status Channel::send(ByteView payload) { return enqueue(TF_TRY(frame(framing_, payload))); }

Status Channel::send_raw(ByteView bytes) { return enqueue(SecretBytes(bytes)); }

Status Channel::enqueue(SecretBytes bytes) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return closed(0);
  if (queued_ + bytes.size() > limits_.max_queued) return Error{Code::overloaded, "link.queue_full", address_};
  const bool idle = queue_.empty();
  queued_ += bytes.size();
  queue_.push_back(std::move(bytes));
  if (!idle) return {};
  first_since_ = std::chrono::steady_clock::now();
  const Status written = write_queue();
  if (!written) closed_ = true;
  if (!written || !queue_.empty()) wake();
  return written;
}

Status Channel::write_queue() {
  while (!queue_.empty()) {
    const ByteView left = queue_.front().reveal().subspan(first_sent_);
    const ssize_t sent = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && would_block(errno)) return {};
    if (sent < 0) return closed(errno);
    first_sent_ += static_cast<std::size_t>(sent);
    if (first_sent_ < queue_.front().size()) continue;
    queued_ -= queue_.front().size();
    queue_.pop_front();
    first_sent_ = 0;
    first_since_ = std::chrono::steady_clock::now();
  }
  return {};
}

void Channel::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  ::shutdown(socket_.get(), SHUT_RDWR);
  wake();
}

void Channel::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(waker_.get(), &one, sizeof one));  // a full counter has woken it already
}

// How long run() may sleep: until the first frame has waited too long. mutex_ is held.
int Channel::wait_ms() const {
  if (queue_.empty()) return -1;
  const auto left = first_since_ + limits_.write_timeout - std::chrono::steady_clock::now();
  return static_cast<int>(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(left).count() + 1));
}

Result<bool> Channel::read_once(FrameReader& reader, const std::function<void(ByteView)>& on_frame) {
  const MutableByteView space = reader.space();
  const ssize_t got = ::recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
  if (got < 0 && would_block(errno)) return true;
  if (got < 0) return closed(errno);
  if (got == 0) return false;
  TF_CHECK(reader.received(static_cast<std::size_t>(got), on_frame));
  return true;
}

Status Channel::write_once() {
  const std::scoped_lock lock(mutex_);
  TF_CHECK(write_queue());
  if (!queue_.empty() && wait_ms() <= 1) return Error{Code::unavailable, "link.write_timeout", address_};
  return {};
}

Error Channel::run(const std::function<void(ByteView)>& on_frame) {
  FrameReader reader(framing_);
  Error why = closed(0);
  while (true) {
    pollfd waiting[2] = {{socket_.get(), POLLIN, 0}, {waker_.get(), POLLIN, 0}};
    int timeout = -1;
    {
      const std::scoped_lock lock(mutex_);
      if (closed_) break;
      timeout = wait_ms();
      if (!queue_.empty()) waiting[0].events |= POLLOUT;
    }
    if (::poll(waiting, 2, timeout) < 0 && errno != EINTR) {
      why = closed(errno);
      break;
    }
    std::uint64_t woken = 0;
    if (waiting[1].revents != 0) static_cast<void>(!::read(waker_.get(), &woken, sizeof woken));
    if (const Status written = write_once(); !written) {
      why = written.error();
      break;
    }
    if ((waiting[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    const Result<bool> open = read_once(reader, on_frame);
    if (!open) why = open.error();
    if (!open || !*open) break;
  }
  close();
  return why;
}

}  // namespace tf::net
