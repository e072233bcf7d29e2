#include "sms/webhook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "crypto/digest.hpp"
#include "sms/message_json.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::sms {
namespace {

using std::chrono::milliseconds;

Error bad_settings(std::string_view what) { return {Code::invalid, "sms.settings", std::string(what)}; }

bool this_machine(std::string_view host) { return host == "127.0.0.1" || host == "::1" || host == "localhost"; }

Result<net::ClientOptions> client_options(const WebhookSettings& settings) {
  net::ClientOptions out;
  out.server = TF_TRY(net::parse_any_base_url(settings.server));
  if (!out.server.tls && !this_machine(out.server.host)) return bad_settings("codes go to another machine over https only");
  if (!settings.anchors.empty()) out.anchors = TF_TRY(net::certificates_from_pem(settings.anchors));
  if (out.server.tls && out.anchors.empty()) return bad_settings("https wants trust anchors");
  out.connect_timeout = out.handshake_timeout = out.response_timeout = settings.timeout;
  out.max_response_bytes = 16 * 1024;
  return out;
}

std::string body_of(const Message& message) {
  wire::JsonWriter json;
  json.begin_object();
  write_message(json, message);
  return json.end_object().take();
}

// The id where the service tells one in the way we know; whatever else it says is its own affair.
std::string id_in(const std::string& body) {
  auto object = wire::JsonObject::parse(body);
  if (!object || !object->has("id")) return {};
  auto id = object->text("id", 128);
  return id ? *id : std::string();
}

bool passes_by(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

milliseconds retry_after(const net::HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    std::uint16_t seconds = 0;
    const bool is = std::ranges::equal(name, std::string_view("retry-after"), {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (is && std::from_chars(value.data(), value.data() + value.size(), seconds).ec == std::errc()) return milliseconds(seconds * 1000);
  }
  return milliseconds(0);
}

}  // namespace

Webhook::Webhook(WebhookSettings settings, net::HttpClient client, const Clock& clock)
    : settings_(std::move(settings)), client_(std::move(client)), clock_(clock), thread_([this] { run(); }) {}

Result<std::unique_ptr<Sender>> Webhook::create(WebhookSettings settings, const Clock& clock) {
  if (settings.secret.size() < 16) return bad_settings("the secret of a webhook has 16 bytes or more");
  if (settings.path.empty() || settings.path[0] != '/') return bad_settings("the path of a webhook begins with '/'");
  if (settings.attempts == 0 || settings.first_pause <= milliseconds(0)) return bad_settings("at least one attempt, and a pause after it");
  auto client = net::HttpClient::create(TF_TRY(client_options(settings)));
  if (!client) return bad_settings(describe(client.error()));
  return std::unique_ptr<Sender>(new Webhook(std::move(settings), std::move(*client), clock));
}

Webhook::~Webhook() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  for (Job& job : jobs_) job.done(Error{Code::unavailable, "sms.stopping", "the sender is being stopped"});
}

void Webhook::send(Message message, Done done) {
  if (const Status fit = check(message); !fit) return done(fit.error());
  {
    const std::scoped_lock lock(mutex_);
    if (jobs_.size() < settings_.max_waiting) {
      jobs_.push_back({std::move(message), std::move(done), 0, settings_.first_pause, clock_.monotonic_ms()});
      done = nullptr;
    }
  }
  if (done) return done(Error{Code::overloaded, "sms.queue_full", "too many messages wait"});
  wake_.notify_one();
}

Status Webhook::healthy() const {
  const std::scoped_lock lock(mutex_);
  return trouble_ ? Status(*trouble_) : Status();
}

// The first whose time has come; waits for one. Nothing: stopping.
std::optional<Webhook::Job> Webhook::next() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto due = std::ranges::find_if(jobs_, [now = clock_.monotonic_ms()](const Job& job) { return job.not_before_ms <= now; });
    if (due != jobs_.end()) {
      Job out = std::move(*due);
      jobs_.erase(due);
      return out;
    }
    const auto soonest = std::ranges::min_element(jobs_, {}, &Job::not_before_ms);
    if (soonest == jobs_.end()) wake_.wait(lock);
    else wake_.wait_for(lock, milliseconds(std::clamp<std::int64_t>(soonest->not_before_ms - clock_.monotonic_ms(), 1, 1000)));
  }
  return std::nullopt;
}

void Webhook::run() {
  while (auto job = next()) {
    ++job->attempts;
    Answer answer = attempt(job->message);
    finish(std::move(*job), std::move(answer));
  }
}

void Webhook::finish(Job job, Answer answer) {
  {
    const std::scoped_lock lock(mutex_);
    trouble_.reset();
    if (answer.again) trouble_ = answer.result.error();
    if (answer.again && job.attempts < settings_.attempts) {
      job.not_before_ms = clock_.monotonic_ms() + std::max(job.pause, std::min(answer.wish, settings_.longest_pause)).count();
      job.pause = std::min(job.pause * 2, settings_.longest_pause);
      jobs_.push_back(std::move(job));
      return;
    }
  }
  job.done(std::move(answer.result));
}

std::string Webhook::signature(std::string_view body) const {
  const std::string time = std::to_string(clock_.now_ms() / 1000);
  const std::string text = fmt::format("{}.{}", time, body);
  return fmt::format("t={},v1={}", time, wire::hex_lower(crypto::hmac_sha256(settings_.secret.reveal(), as_bytes(text))));
}

Webhook::Answer Webhook::attempt(const Message& message) {
  net::ClientRequest request{.method = "POST", .target = settings_.path, .content_type = "application/json", .body = body_of(message)};
  request.headers = {{"Idempotency-Key", message.reference}, {"Trustferry-Signature", signature(request.body)}};
  request.repeatable = true;  // the reference tells the service that it is the same message
  const auto response = client_.request(request);
  if (!response) return {Error{Code::unavailable, "sms.unavailable", describe(response.error())}, true};
  if (response->status >= 200 && response->status < 300) {
    std::string id = id_in(response->body);
    return {Receipt{id.empty() ? std::vector<std::string>() : std::vector{std::move(id)}}};
  }
  const std::string detail = fmt::format("the service answered {}", response->status);
  if (passes_by(response->status)) return {Error{Code::unavailable, "sms.unavailable", detail}, true, retry_after(*response)};
  return {Error{Code::refused, "sms.refused", detail}};
}

}  // namespace tf::sms
