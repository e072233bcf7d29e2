#include "card/memory/memory.hpp"

#include <cassert>

namespace tf::card {

Status Memory::reload() {
  usable_ = false;
  Records records = TF_TRY(storage_.load());
  kept_.clear();
  ++clock_;
  for (auto& [name, value] : records) kept_.emplace(name, Kept{std::move(value), clock_});
  usable_ = true;
  return {};
}

const SecretBytes* Memory::find(std::string_view name) const {
  const auto found = kept_.find(name);
  return found == kept_.end() ? nullptr : &found->second.value;
}

std::uint64_t Memory::version(std::string_view name) const {
  const auto found = kept_.find(name);
  return found == kept_.end() ? 0 : found->second.version;
}

std::vector<std::string> Memory::names(std::string_view prefix) const {
  std::vector<std::string> out;
  for (auto at = kept_.lower_bound(prefix); at != kept_.end() && at->first.starts_with(prefix); ++at) out.push_back(at->first);
  return out;
}

Status Memory::put(std::string name, SecretBytes value) {
  Changes changes;
  changes.emplace(std::move(name), std::move(value));
  return commit(std::move(changes));
}

Status Memory::erase(std::string name) {
  Changes changes;
  changes.emplace(std::move(name), std::nullopt);
  return commit(std::move(changes));
}

Status Memory::commit(Changes changes) {
  if (batch_ == nullptr) return commit_now(std::move(changes));
  for (auto& [name, value] : changes) batch_->changes_.insert_or_assign(name, std::move(value));
  return {};
}

Status Memory::commit_now(Changes changes) {
  if (!usable_) return Error{Code::unavailable, "card.store", "a write failed; the card has to be powered on again"};
  if (changes.empty()) return {};
  usable_ = false;
  TF_CHECK(storage_.commit(changes));
  usable_ = true;
  ++clock_;
  for (auto& [name, value] : changes) {
    if (value) kept_.insert_or_assign(name, Kept{std::move(*value), clock_});
    else kept_.erase(name);
  }
  return {};
}

Memory::Batch::Batch(Memory& memory) : memory_(memory) {
  assert(memory_.batch_ == nullptr);
  memory_.batch_ = this;
}

Memory::Batch::~Batch() {
  if (memory_.batch_ == this) memory_.batch_ = nullptr;
}

Status Memory::Batch::commit() {
  memory_.batch_ = nullptr;
  return memory_.commit_now(std::move(changes_));
}

}  // namespace tf::card
