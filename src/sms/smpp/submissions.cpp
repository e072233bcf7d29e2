#include "sms/smpp/submissions.hpp"

#include <algorithm>

namespace tf::sms::smpp {

Call finish(Job& job, Result<Receipt> result) {
  job.over = true;
  return [done = std::move(job.done), result = std::move(result)] { done(result); };
}

void Submissions::add(const std::shared_ptr<Job>& job) {
  jobs_.push_back(job);
  for (std::size_t i = 0; i < job->parts.size(); ++i) waiting_.push_back({job, i});
}

std::optional<Part> Submissions::next() {
  while (!waiting_.empty() && waiting_.front().job->over) waiting_.pop_front();
  if (waiting_.empty() || under_way_.size() >= window_) return std::nullopt;
  Part out = std::move(waiting_.front());
  waiting_.pop_front();
  return out;
}

void Submissions::sent(std::uint32_t sequence, Part part, std::int64_t now_ms) {
  under_way_.insert_or_assign(sequence, Sent{std::move(part), now_ms});
}

std::optional<Part> Submissions::answered(std::uint32_t sequence) {
  const auto found = under_way_.find(sequence);
  if (found == under_way_.end()) return std::nullopt;
  Part out = std::move(found->second.part);
  under_way_.erase(found);
  return out;
}

void Submissions::again_all() {
  for (auto it = under_way_.rbegin(); it != under_way_.rend(); ++it) waiting_.push_front(std::move(it->second.part));
  under_way_.clear();
}

void Submissions::expire(std::int64_t now_ms, std::vector<Call>& calls) {
  while (!jobs_.empty() && (jobs_.front()->over || jobs_.front()->until_ms <= now_ms)) {
    Job& job = *jobs_.front();
    if (!job.over) calls.push_back(finish(job, Error{Code::unavailable, "sms.timeout", "the network did not take the message in time"}));
    jobs_.pop_front();
  }
}

void Submissions::fail_all(const Error& error, std::vector<Call>& calls) {
  for (const auto& job : jobs_)
    if (!job->over) calls.push_back(finish(*job, error));
  jobs_.clear();
  waiting_.clear();
  under_way_.clear();
}

std::optional<std::int64_t> Submissions::oldest_sent_ms() const {
  const auto oldest = std::ranges::min_element(under_way_, {}, [](const auto& each) { return each.second.at_ms; });
  if (oldest == under_way_.end()) return std::nullopt;
  return oldest->second.at_ms;
}

}  // namespace tf::sms::smpp
