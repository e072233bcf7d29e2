#include "sms/smpp/pdu.hpp"

#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::sms::smpp {
namespace {

std::uint32_t code(Command command) { return static_cast<std::uint32_t>(command); }
Bytes hex(std::string_view text) { return wire::from_hex(text).value(); }
std::string hex_of(const Pdu& pdu) { return wire::hex_upper(encode(pdu).value().reveal()); }

ShortMessage message() {
  ShortMessage out;
  out.source = {5, 0, "Ferry"};
  out.destination = {1, 1, "8613800138000"};
  out.registered_delivery = 1;
  out.text = to_bytes(as_bytes("code 1234"));
  return out;
}

Pdu submit() { return {{code(Command::submit_sm), 0, 7}, message()}; }

TEST(SmppPdu, stands_as_the_specification_draws_it) {
  BindTransceiver bind{"ferry", SecretBytes(as_bytes("secret08")), "VMA", 0x34, {}};
  EXPECT_EQ(hex_of({{code(Command::bind_transceiver), 0, 1}, std::move(bind)}),
            "000000090000000000000001"
            "666572727900" "7365637265743038" "00" "564D4100" "34" "0000" "00");
  EXPECT_EQ(hex_of(submit()),
            "000000040000000000000007"
            "00" "0500466572727900" "010138363133383030313338303030" "00" "000000" "00" "00" "01" "00" "00" "00" "09" "636F64652031323334");
  EXPECT_EQ(hex_of({{code(Command::enquire_link_resp), 0, 3}, Empty{}}), "800000150000000000000003");
  EXPECT_EQ(hex_of({{code(Command::deliver_sm_resp), 0, 4}, MessageId{}}), "80000005000000000000000400");
}

TEST(SmppPdu, reads_what_it_writes) {
  const auto back = decode(encode(submit())->reveal()).value();
  const auto& got = std::get<ShortMessage>(back.body);
  EXPECT_EQ(got.source, message().source);
  EXPECT_EQ(got.destination, message().destination);
  EXPECT_EQ(got.text, message().text);
  EXPECT_EQ(got.registered_delivery, 1);
  EXPECT_EQ(back.header.sequence, 7U);
  Pdu long_one = submit();
  auto& body = std::get<ShortMessage>(long_one.body);
  body.text.clear();
  body.validity = "000001000000000R";
  body.tlvs = {{tag::message_payload, Bytes(1500, 'x')}, {0x0204, {1, 2}}};
  const auto again = decode(encode(long_one)->reveal()).value();
  EXPECT_EQ(std::get<ShortMessage>(again.body).tlvs, body.tlvs);
  EXPECT_EQ(std::get<ShortMessage>(again.body).validity, body.validity);
}

TEST(SmppPdu, reads_answers) {
  const auto ok = decode(hex("800000040000000000000007" "6D2D3100")).value();
  EXPECT_EQ(std::get<MessageId>(ok.body).id, "m-1");
  const auto bound = decode(hex("800000090000000000000001" "736D736300" "0210" "0001" "34")).value();
  EXPECT_EQ(std::get<BindTransceiverResp>(bound.body).system_id, "smsc");
  EXPECT_EQ(find(std::get<BindTransceiverResp>(bound.body).tlvs, tag::sc_interface_version)->value, Bytes{0x34});
  const auto no = decode(hex("800000040000005800000007")).value();  // says no, and nothing else
  EXPECT_EQ(no.header.status, status::throttled);
  EXPECT_TRUE(std::holds_alternative<Empty>(no.body));
  EXPECT_TRUE(std::holds_alternative<Empty>(decode(hex("800000000000000300000000"))->body));
  EXPECT_TRUE(std::holds_alternative<Unread>(decode(hex("000001030000000000000001" "FFFF"))->body));  // data_sm
}

TEST(SmppPdu, is_refused_cut_anywhere_and_with_anything_after_it) {
  const Bytes whole = to_bytes(encode(submit())->reveal());
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_REFUSED(decode(ByteView(whole).first(size)), Code::malformed, "sms.pdu");
  Bytes more = whole;
  for (int i = 0; i < 3; ++i) {
    more.push_back(0);
    EXPECT_REFUSED(decode(more), Code::malformed, "sms.pdu");
  }
}

TEST(SmppPdu, refuses_headers_that_do_not_exist) {
  for (const char* bad : {"000000150000000000000000", "000000150000000080000000", "000000150000000100000001", "0000001500000000000001", "80000015000000000000000100"})
    EXPECT_REFUSED(decode(hex(bad)), Code::malformed, "sms.pdu");
}

TEST(SmppPdu, refuses_fields_beyond_their_sizes) {
  const std::string head = "800000040000000000000007";
  std::string id;
  for (int i = 0; i < 64; ++i) id += "41";
  EXPECT_OK(decode(hex(head + id + "00")));
  EXPECT_REFUSED(decode(hex(head + id + "4100")), Code::malformed, "sms.pdu");  // 65 characters
  EXPECT_REFUSED(decode(hex(head + "4142")), Code::malformed, "sms.pdu");       // no end
  EXPECT_REFUSED(decode(hex(head + "410A00")), Code::malformed, "sms.pdu");     // not printable
  EXPECT_REFUSED(decode(hex(head + "00" "0424" "0005" "31")), Code::malformed, "sms.pdu");
  EXPECT_REFUSED(decode(hex(head + "00" "0204" "0001" "31" "0204" "0001" "32")), Code::malformed, "sms.pdu");  // twice
  std::string many = head + "00";
  for (unsigned i = 0; i <= kMaxTlvs; ++i) many += "14" + wire::hex_upper(ByteArray<1>{static_cast<std::uint8_t>(i)}) + "0000";
  EXPECT_REFUSED(decode(hex(many)), Code::malformed, "sms.pdu");
}

TEST(SmppPdu, refuses_a_text_in_two_places_and_a_time_of_another_length) {
  const auto with = [](auto change) {
    ShortMessage out = message();
    change(out);
    return Pdu{{code(Command::submit_sm), 0, 7}, out};
  };
  for (const Pdu& bad : {with([](ShortMessage& m) { m.tlvs.push_back({tag::message_payload, {1}}); }), with([](ShortMessage& m) { m.validity = "1"; }),
                         with([](ShortMessage& m) { m.text = Bytes(255, 1); }), with([](ShortMessage& m) { m.service_type = "abcdef"; }),
                         with([](ShortMessage& m) { m.destination.digits = std::string(21, '1'); }),
                         with([](ShortMessage& m) { m.source.digits = "a\n"; }), with([](ShortMessage& m) { m.tlvs.resize(2); })})
    EXPECT_REFUSED(encode(bad), Code::invalid, "sms.pdu");
  EXPECT_REFUSED(encode({{code(Command::submit_sm), 0, 7}, Empty{}}), Code::invalid, "sms.pdu");
  EXPECT_REFUSED(encode({{code(Command::enquire_link), 0, 7}, message()}), Code::invalid, "sms.pdu");
}

}  // namespace
}  // namespace tf::sms::smpp
