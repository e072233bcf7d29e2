#include <fmt/format.h>

#include <algorithm>

#include "hss/osmo/gsup.hpp"

namespace tf::hss::osmo {

GsupClient::GsupClient(IpaOptions options)
    : line_(std::move(options), {.frame = [this](ByteView message) { received(message); }, .down = [this](const Error& why) { lost(why); }}) {}

GsupClient::~GsupClient() {
  line_.stop();
  lost({Code::unavailable, "hss.hlr_down", "the client ends"});
}

void GsupClient::received(ByteView message) {
  if (!is_auth_info_answer(message)) return;
  auto answer = decode_auth_info(message);
  // What cannot be read may have been an answer: nothing that follows could be told apart.
  if (!answer) return line_.renew();
  const std::scoped_lock lock(mutex_);
  const auto found = waiting_.find(answer->imsi);
  if (found == waiting_.end()) return;
  Answer& into = *found->second.front();
  if (!answer->cause) into.emplace(std::move(answer->vectors));
  else if (*answer->cause == kCauseImsiUnknown) into.emplace(Error{Code::not_found, "hss.gsup_imsi", answer->imsi.text()});
  else into.emplace(Error{Code::unavailable, "hss.hlr_refused", fmt::format("the HLR answered with cause {}", *answer->cause)});
  found->second.pop_front();
  if (found->second.empty()) waiting_.erase(found);
  answered_.notify_all();
}

void GsupClient::lost(const Error& why) {
  const std::scoped_lock lock(mutex_);
  for (auto& [imsi, answers] : waiting_)
    for (Answer* answer : answers) answer->emplace(why);
  waiting_.clear();
  answered_.notify_all();
}

// mutex_ is held. These are answered by nobody any more.
void GsupClient::forget(std::span<Answer> answers) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    std::erase_if(at->second, [&](const Answer* one) { return one >= answers.data() && one < answers.data() + answers.size(); });
    at = at->second.empty() ? waiting_.erase(at) : std::next(at);
  }
}

void GsupClient::ask_some(std::span<const Request> requests, std::span<Answer> answers) {
  const auto all = [&] { return std::ranges::all_of(answers, [](const Answer& answer) { return answer.has_value(); }); };
  const Status ready = line_.wait_ready();
  std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!ready) {
      answers[i].emplace(ready.error());
      continue;
    }
    // Under the lock: requests of one IMSI leave in the order in which they wait. Sending does not wait and calls nothing of ours.
    waiting_[requests[i].imsi].push_back(&answers[i]);
    const Status sent = line_.send(encode_auth_info(requests[i].imsi, requests[i].resync));
    if (sent) continue;
    forget(answers.subspan(i, 1));
    answers[i].emplace(sent.error());
  }
  if (answered_.wait_for(lock, line_.patience(), all)) return;
  forget(answers);
  for (Answer& answer : answers)
    if (!answer) answer.emplace(Error{Code::unavailable, "hss.hlr_down", "the HLR does not answer"});
  lock.unlock();
  line_.renew();  // late answers must not be taken for those of others
}

std::vector<GsupClient::Answers> GsupClient::ask(std::span<const Request> requests) {
  std::vector<Answer> answers(requests.size());
  for (std::size_t at = 0; at < requests.size(); at += kWindow) {
    const std::size_t some = std::min(kWindow, requests.size() - at);
    ask_some(requests.subspan(at, some), std::span(answers).subspan(at, some));
  }
  std::vector<Answers> out;
  out.reserve(answers.size());
  for (Answer& answer : answers) out.push_back(std::move(*answer));
  return out;
}

}  // namespace tf::hss::osmo
