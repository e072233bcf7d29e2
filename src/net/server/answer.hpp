// The right to answer one request: used once, at once or later, from any thread.
#pragma once
#include <utility>

#include "wire/http.hpp"

namespace tf::net {

class Answer {
 public:
  class Target {
   public:
    virtual void answered(wire::HttpResponse response) noexcept = 0;

   protected:
    ~Target() = default;
  };

  explicit Answer(Target& target) : target_(&target) {}
  Answer(Answer&& from) noexcept : target_(std::exchange(from.target_, nullptr)) {}
  Answer& operator=(Answer&&) = delete;
  ~Answer() {
    // Let go of unanswered: something threw, or forgot. The peer is not left waiting.
    if (target_ != nullptr) (*this)({.status = 500, .content_type = {}, .body = {}, .headers = {}});
  }

  void operator()(wire::HttpResponse response) { std::exchange(target_, nullptr)->answered(std::move(response)); }
  void dismiss() { target_ = nullptr; }  // somebody else will answer

 private:
  Target* target_;
};

}  // namespace tf::net
