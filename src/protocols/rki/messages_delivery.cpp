// Messages 6 to 8: what is delivered, what the terminal installed, and that we took note of it.
#include "protocols/rki/messages.hpp"
#include "wire/json.hpp"

namespace tf::rki {
namespace {

using wire::JsonObject;
using wire::JsonWriter;

constexpr std::int64_t kMaxSet = 36 * 36 - 1;

Result<Slot> slot_in(JsonObject& object) { return parse_slot(TF_TRY(object.text("slot", 8))); }

}  // namespace

std::string encode(const Delivery& delivery) {
  JsonWriter writer;
  writer.begin_object().member("set", delivery.set).member("part", delivery.part).member("of", delivery.of);
  writer.key("keys").begin_array();
  for (const DeliveredKey& key : delivery.keys)
    writer.begin_object().member("slot", name_of(key.slot)).member("block", key.block).end_object();
  return writer.end_array().end_object().take();
}

Result<Delivery> decode_delivery(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload));
  Delivery delivery;
  delivery.set = TF_TRY(object.integer("set", 1, kMaxSet));
  delivery.part = TF_TRY(object.integer("part", 1, 99));
  delivery.of = TF_TRY(object.integer("of", delivery.part, 99));
  for (JsonObject& key : TF_TRY(object.objects("keys", 8))) {
    delivery.keys.push_back({TF_TRY(slot_in(key)), TF_TRY(key.text("block", 512))});
    TF_CHECK(key.finish());
  }
  TF_CHECK(object.finish());
  return delivery;
}

std::string encode(const Receipt& receipt) {
  JsonWriter writer;
  writer.begin_object().member("set", receipt.set).member("part", receipt.part).key("keys").begin_array();
  for (const InstalledKey& key : receipt.keys) {
    writer.begin_object().member("slot", name_of(key.slot)).member("usage", key.usage);
    writer.member("version", key.version).member("kcv", key.kcv).end_object();
  }
  return writer.end_array().end_object().take();
}

Result<Receipt> decode_receipt(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload));
  Receipt receipt;
  receipt.set = TF_TRY(object.integer("set", 1, kMaxSet));
  receipt.part = TF_TRY(object.integer("part", 1, 99));
  for (JsonObject& key : TF_TRY(object.objects("keys", 8))) {
    receipt.keys.push_back({.slot = TF_TRY(slot_in(key)), .usage = TF_TRY(key.text("usage", 2)),
                            .version = TF_TRY(key.text("version", 2)), .kcv = TF_TRY(key.text("kcv", 6))});
    TF_CHECK(key.finish());
  }
  TF_CHECK(object.finish());
  return receipt;
}

std::string encode(const Ack& ack) {
  return JsonWriter().begin_object().member("set", ack.set).member("part", ack.part).end_object().take();
}

Result<Ack> decode_ack(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload));
  Ack ack;
  ack.set = TF_TRY(object.integer("set", 1, kMaxSet));
  ack.part = TF_TRY(object.integer("part", 1, 99));
  TF_CHECK(object.finish());
  return ack;
}

}  // namespace tf::rki
