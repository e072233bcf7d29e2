// A server and a device in memory, and the line between them.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "dm/client.hpp"
#include "dm/onboard_object.hpp"
#include "dm/server.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"

namespace tf::dm::test {

using tf::test::must;

// A tree that remembers what was done to it.
class MemoryTree final : public Tree {
 public:
  Got get(std::string_view uri) override {
    log.push_back("get " + std::string(uri));
    const auto found = nodes.find(std::string(uri));
    if (found == nodes.end()) return {};
    return {code::ok, found->second};
  }
  std::uint32_t add(std::string_view uri, const Value& value) override {
    log.push_back("add " + std::string(uri));
    return nodes.emplace(uri, value).second ? code::ok : code::exists;
  }
  std::uint32_t replace(std::string_view uri, const Value& value) override {
    log.push_back("replace " + std::string(uri));
    if (forbidden.contains(std::string(uri))) return code::denied;
    nodes[std::string(uri)] = value;
    return code::ok;
  }
  std::uint32_t exec(std::string_view uri, const Value& argument) override {
    log.push_back("exec " + std::string(uri) + " " + std::string(as_text(argument.data)));
    if (uri == onboard_object::kInstall) nodes[std::string(onboard_object::kReceipt)] = text_value("receipt");
    return uri.starts_with("./Vendor/") ? code::ok : code::not_allowed;
  }
  std::uint32_t remove(std::string_view uri) override {
    log.push_back("delete " + std::string(uri));
    return nodes.erase(std::string(uri)) == 1 ? code::ok : code::not_found;
  }

  std::map<std::string, Value> nodes;
  std::set<std::string> forbidden;
  std::vector<std::string> log;
};

inline Credential credential(const std::string& name, std::string_view password = "a password") { return must(make_credential(name, SecretBytes(as_bytes(password)))); }

struct Pair {
  static constexpr const char* kServer = "https://prov.example/dm";
  static constexpr const char* kDevice = "IMEI:490154203237518";

  struct Sizes {
    std::size_t server_message = 16'384, server_object = 131'072, device_message = 16'384, device_object = 131'072;
  };
  static ServerSettings server_settings(const Sizes& sizes) {
    return {.server_uri = kServer, .device_uri = kDevice, .server = credential("prov"), .device = credential("device"), .session = "A1",
            .max_message = sizes.server_message, .max_object = sizes.server_object};
  }
  static ClientSettings client_settings(const Sizes& sizes) {
    return {.server_uri = kServer, .device_uri = kDevice, .device = credential("device"), .server = credential("prov"),
            .info = {.device_id = kDevice, .manufacturer = "Maker & Sons", .model = "M1"}, .max_message = sizes.device_message, .max_object = sizes.device_object};
  }

  explicit Pair(const Sizes& sizes) : server(server_settings(sizes), server_nonces), client(client_settings(sizes), client_nonces) {}
  Pair() : Pair(Sizes()) {}

  // What the server's host does with a message: commits, pushes, replies.
  Result<Envelope> serve(const Envelope& in) {
    last_received = TF_TRY(server.receive(in, random));
    if (last_received.store) server_nonces = *last_received.store;
    for (const Done& each : last_received.done) done.push_back(each);
    for (const auto& [uri, value] : last_received.device) device[uri] = value;
    if (on_received) on_received(last_received);
    ServerReply reply = TF_TRY(server.reply());
    for (const Done& each : reply.unsent) done.push_back(each);
    return std::move(reply.message);
  }
  Result<ClientStep> deliver(const Envelope& in) {
    ClientStep step = TF_TRY(client.handle(in, tree, random));
    if (step.store) client_nonces = *step.store;
    return step;
  }
  // Runs to the end without faults.
  Status run(bool by_server = false) {
    Envelope next = TF_TRY(client.start("A1", by_server));
    for (int i = 0; i < 400; ++i) {
      sent.push_back(next);
      const Envelope reply = TF_TRY(serve(next));
      sent.push_back(reply);
      ClientStep step = TF_TRY(deliver(reply));
      if (!step.reply) return {};
      next = std::move(*step.reply);
    }
    return Error{Code::internal, "test.endless", ""};
  }
  void push(Task task) { must(server.push(std::move(task))); }
  // The delivery of a credential and of two other items, but for what is done already.
  void push_delivery(const std::string& envelope, const std::map<std::uint64_t, std::uint32_t>& but = {}) {
    Task all[] = {{.tag = 1, .verb = Verb::replace, .uri = std::string(onboard_object::kEnvelope), .value = {.format = "chr", .type = "text/xml", .data = to_bytes(as_bytes(envelope))}},
                  {.tag = 2, .verb = Verb::exec, .uri = std::string(onboard_object::kInstall), .only_after_good = true},
                  {.tag = 3, .verb = Verb::get, .uri = std::string(onboard_object::kReceipt), .only_after_good = true},
                  {.tag = 4, .verb = Verb::replace, .uri = onboard_object::item("apn"), .value = text_value("internet")},
                  {.tag = 5, .verb = Verb::replace, .uri = onboard_object::item("logo"), .value = {.format = "b64", .type = "image/png", .data = Bytes(300, 0xFF)}, .together = true}};
    for (Task& each : all)
      if (!but.contains(each.tag)) push(std::move(each));
  }
  [[nodiscard]] std::map<std::uint64_t, std::uint32_t> codes() const {
    std::map<std::uint64_t, std::uint32_t> out;
    for (const Done& each : done) EXPECT_TRUE(out.emplace(each.tag, each.code).second) << each.tag << " is done twice";
    return out;
  }

  tf::test::DeterministicRandom random{"dm"};
  Nonces server_nonces{.send = Bytes(16, 1), .expect = Bytes(16, 2)};
  Nonces client_nonces{.send = Bytes(16, 2), .expect = Bytes(16, 1)};
  ServerSession server;
  ClientSession client;
  MemoryTree tree;
  std::function<void(const Received&)> on_received;
  Received last_received;
  std::vector<Done> done;
  std::map<std::string, std::string> device;
  std::vector<Envelope> sent;
};

// An XML text with everything that must be escaped.
inline std::string xml_text(std::size_t size) {
  std::string out = "<?xml version=\"1.0\"?>\r\n<Envelope xmlns=\"urn:x\">";
  while (out.size() < size) out += "<a b=\"c&amp;d\">\xC3\xA9\xE2\x82\xAC \t]]&gt;\n</a>";
  return out + "</Envelope>\n";
}

}  // namespace tf::dm::test
