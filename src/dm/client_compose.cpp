// The device's messages: what waits goes out as far as the server takes it, a large result in pieces.
#include <algorithm>

#include "dm/client.hpp"

namespace tf::dm {
namespace {

constexpr std::size_t kLeastSent = 64;
constexpr std::size_t kMostUnsaid = 16'384;  // bytes of a message where the server said nothing
constexpr std::size_t kForEnd = 128;         // bytes kept for Alert 1222 or Final

// The command as the message's last, numbered.
Command& put(Message& out, Command command) {
  out.commands.push_back(std::move(command));
  Command& last = out.commands.back();
  std::visit([&](auto& each) { each.id = static_cast<std::uint32_t>(out.commands.size()); }, last);
  return last;
}

}  // namespace

// A piece of a large result into the message, if there is room for one; what remains stays in whole.
Status ClientSession::cut(Results& whole, Message& out, std::size_t most) {
  Results piece = whole;
  Item& item = piece.items.front();
  std::string& rest = *whole.items.front().data;
  if (!cutting_) item.meta.size = rest.size();  // said once
  item.data = " ";
  item.more = true;
  put(out, piece);
  const std::size_t used = TF_TRY(encode(out)).size();
  out.commands.pop_back();
  if (used + kLeastSent > most) return {};
  item.data = std::string(fitting(rest, most - used));
  item.more = item.data->size() < rest.size();
  rest.erase(0, item.data->size());
  cutting_ = item.more;
  if (!cutting_) waiting_.pop_front();
  put(out, std::move(piece));
  return {};
}

Status ClientSession::fill(Message& out) {
  const std::size_t most = std::min(kMostUnsaid, peer_message_ == 0 ? kMostUnsaid : peer_message_) - kForEnd;
  const std::size_t least = out.commands.size();
  while (!waiting_.empty()) {
    put(out, waiting_.front());
    if (TF_TRY(encode(out)).size() <= most) {
      waiting_.pop_front();
      cutting_ = false;
      continue;
    }
    out.commands.pop_back();
    if (auto* results = std::get_if<Results>(&waiting_.front())) TF_CHECK(cut(*results, out, most));
    if (out.commands.size() == least) return Error{Code::malformed, "dm.message_size", ""};
    break;
  }
  return {};
}

Result<Envelope> ClientSession::compose() {
  Message out;
  ++message_;
  out.header = {.session = session_, .message = message_, .target = settings_.server_uri, .source = settings_.device_uri, .source_name = settings_.device.name};
  out.header.meta.max_message = settings_.max_message;
  out.header.meta.max_object = settings_.max_object;
  if (header_) put(out, *header_);
  TF_CHECK(fill(out));
  out.final = waiting_.empty() && server_final_;
  if (waiting_.empty() && !server_final_) put(out, Alert{.code = alert::next_message});
  last_ = {.body = TF_TRY(encode(out)), .mac = {}};
  last_.mac = mac_header(settings_.device, nonces_.send, last_.body);
  return last_;
}

Result<Envelope> ClientSession::abort() {
  if (state_ != State::begun && state_ != State::trusted) return Error{Code::conflict, "dm.session_over", session_};
  waiting_.clear();
  waiting_.emplace_back(Alert{.code = alert::abort});
  server_final_ = true;
  state_ = State::over;
  return compose();
}

}  // namespace tf::dm
