#include "hss/osmo/control.hpp"

#include <algorithm>
#include <charconv>

namespace tf::hss::osmo {
namespace {

Error malformed(const char* what) { return {Code::malformed, "hss.control", what}; }

// The word before the next space; all of it when there is none.
std::string_view word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

}  // namespace

Result<ControlReply> parse_control(ByteView message) {
  std::string_view rest = as_text(message);
  const std::string_view verb = word(rest);
  const bool done = verb == "SET_REPLY" || verb == "GET_REPLY";
  if (!done && verb != "ERROR") return malformed("no reply");
  const std::string_view digits = word(rest);
  ControlReply out;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.number);
  if (error != std::errc() || digits.empty() || end != digits.data() + digits.size()) return malformed("a reply without a number");
  if (done && word(rest).empty()) return malformed("a reply without a variable");
  out.done = done;
  out.value = SecretBytes(as_bytes(rest));
  return out;
}

SecretBytes encode(const Command& command, std::uint32_t number) {
  const std::string head = std::string(command.verb) + " " + std::to_string(number) + " ";
  SecretBytes out(head.size() + command.words.size());
  std::ranges::copy(head, out.reveal_mutable().begin());
  std::ranges::copy(command.words.reveal(), out.reveal_mutable().begin() + static_cast<std::ptrdiff_t>(head.size()));
  return out;
}

ControlClient::ControlClient(IpaOptions options)
    : line_(std::move(options), {.frame = [this](ByteView message) { received(message); }, .down = [this](const Error& why) { lost(why); }}) {}

ControlClient::~ControlClient() {
  line_.stop();
  lost({Code::unavailable, "hss.hlr_down", "the client ends"});
}

void ControlClient::received(ByteView message) {
  auto reply = parse_control(message);
  if (!reply) return;
  const std::scoped_lock lock(mutex_);
  const auto found = waiting_.find(reply->number);
  if (found == waiting_.end()) return;
  if (reply->done) found->second->emplace(std::move(reply->value));
  else found->second->emplace(Error{Code::refused, "hss.control_error", std::string(as_text(reply->value.reveal()))});
  waiting_.erase(found);
  answered_.notify_all();
}

void ControlClient::lost(const Error& why) {
  const std::scoped_lock lock(mutex_);
  for (auto& [number, answer] : waiting_) answer->emplace(why);
  waiting_.clear();
  answered_.notify_all();
}

void ControlClient::call_some(std::span<const Command> commands, std::span<Answer> answers) {
  const auto all = [&] { return std::ranges::all_of(answers, [](const Answer& answer) { return answer.has_value(); }); };
  const Status ready = line_.wait_ready();
  std::unique_lock lock(mutex_);
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    numbers.push_back(++number_ == 0 ? ++number_ : number_);
    waiting_[numbers[i]] = &answers[i];
    Status sent = ready;
    if (sent) {
      lock.unlock();  // its answer may come at once, on the line's thread
      sent = line_.send(encode(commands[i], numbers[i]).reveal());
      lock.lock();
    }
    if (sent || answers[i]) continue;
    waiting_.erase(numbers[i]);
    answers[i].emplace(sent.error());
  }
  if (answered_.wait_for(lock, line_.patience(), all)) return;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    waiting_.erase(numbers[i]);
    if (!answers[i]) answers[i].emplace(Error{Code::unavailable, "hss.hlr_down", "the control interface does not answer"});
  }
  lock.unlock();
  line_.renew();
}

std::vector<Result<SecretBytes>> ControlClient::call(std::span<const Command> commands) {
  std::vector<Answer> answers(commands.size());
  for (std::size_t at = 0; at < commands.size(); at += kWindow) {
    const std::size_t some = std::min(kWindow, commands.size() - at);
    call_some(commands.subspan(at, some), std::span(answers).subspan(at, some));
  }
  std::vector<Result<SecretBytes>> out;
  out.reserve(answers.size());
  for (Answer& answer : answers) out.push_back(std::move(*answer));
  return out;
}

}  // namespace tf::hss::osmo
