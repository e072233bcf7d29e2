#include "net/link/link.hpp"

#include <algorithm>

#include "net/link/dial.hpp"

namespace tf::net {

Link::Link(LinkOptions options, LinkEvents events)
    : options_(std::move(options)), events_(std::move(events)), pause_(options_.first_pause) {}

Link::~Link() { stop(); }

Status Link::start() {
  TF_CHECK(check(options_.framing));
  thread_ = std::thread([this] { run(); });
  return {};
}

void Link::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    if (channel_) channel_->close();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<Channel> Link::channel() const {
  const std::scoped_lock lock(mutex_);
  return channel_;
}

Status Link::send(ByteView payload) {
  const std::shared_ptr<Channel> now = channel();
  if (!now) return Error{Code::unavailable, "link.down", options_.host};
  return now->send(payload);
}

bool Link::up() const { return channel() != nullptr; }

void Link::renew() {
  if (const auto now = channel()) now->close();
}

bool Link::pause() {
  std::unique_lock lock(mutex_);
  const auto over = [this] { return stopping_; };
  const bool stopped = wake_.wait_for(lock, pause_, over);
  pause_ = std::min(pause_ * 2, options_.longest_pause);
  return !stopped;
}

void Link::serve(std::shared_ptr<Channel> channel) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    channel_ = channel;
  }
  if (events_.up) events_.up();
  const Error why = channel->run([this](ByteView frame) {
    pause_ = options_.first_pause;
    if (events_.frame) events_.frame(frame);
  });
  {
    const std::scoped_lock lock(mutex_);
    channel_.reset();
  }
  if (events_.down) events_.down(why);
}

void Link::run() {
  do {
    Result<Descriptor> socket = dial(options_.host, options_.port, options_.connect_timeout);
    if (socket) {
      serve(std::make_shared<Channel>(std::move(*socket), options_.host, options_.framing, options_.limits));
    } else if (events_.down) {
      events_.down(socket.error());
    }
  } while (pause());
}

}  // namespace tf::net
