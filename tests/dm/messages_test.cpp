// The representation: what is written, what is read, what is refused.
#include <gtest/gtest.h>

#include "dm/messages.hpp"
#include "dm/value.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"

namespace tf::dm {
namespace {

using tf::test::must;

constexpr const char* kHeader =
    "<SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>http://www.syncml.org/mgmt-server</LocURI></Target>"
    "<Source><LocURI>IMEI:493005100592800</LocURI><LocName>Bruce1</LocName></Source></SyncHdr>";

std::string with_body(const std::string& body, const std::string& header = kHeader) {
  return "<SyncML xmlns='SYNCML:SYNCML1.2'>" + header + "<SyncBody>" + body + "</SyncBody></SyncML>";
}
std::string replaced(std::string text, const std::string& what, const std::string& with) { return text.replace(text.find(what), what.size(), with); }

// As OMA-TS-DM_Protocol-V1_2 §10 shows package 1.
TEST(DmMessages, package_1_of_the_standard_is_read) {
  const Message message = must(decode(R"(<SyncML xmlns='SYNCML:SYNCML1.2'>
  <SyncHdr>
    <VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>
    <Target><LocURI>http://www.syncml.org/mgmt-server</LocURI></Target>
    <Source><LocURI>IMEI:493005100592800</LocURI></Source>
    <Cred><Meta><Type xmlns="syncml:metinf">syncml:auth-basic</Type><Format xmlns='syncml:metinf'>b64</Format></Meta><Data>eDp5</Data></Cred>
    <Meta><MaxMsgSize xmlns="syncml:metinf">5000</MaxMsgSize></Meta>
  </SyncHdr>
  <SyncBody>
    <Alert><CmdID>1</CmdID><Data>1200</Data><!-- Server-initiated session --></Alert>
    <Replace><CmdID>3</CmdID>
      <Item><Source><LocURI>./DevInfo/DevId</LocURI></Source>
        <Meta><Format xmlns='syncml:metinf'>chr</Format><Type xmlns='syncml:metinf'>text/plain</Type></Meta><Data>IMEI:493005100592800</Data></Item>
      <Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>Device Factory, Inc.</Data></Item>
    </Replace>
    <Final/>
  </SyncBody>
</SyncML>)"));
  EXPECT_EQ(message.header.source, "IMEI:493005100592800");
  EXPECT_EQ(message.header.credential_type, "syncml:auth-basic");
  EXPECT_EQ(message.header.meta.max_message, 5000U);
  EXPECT_TRUE(message.final);
  ASSERT_EQ(message.commands.size(), 2U);
  EXPECT_EQ(std::get<Alert>(message.commands[0]).code, alert::server_initiated);
  const Order& information = std::get<Order>(message.commands[1]);
  EXPECT_EQ(information.verb, Verb::replace);
  ASSERT_EQ(information.items.size(), 2U);
  EXPECT_EQ(information.items[0].source, "./DevInfo/DevId");
  EXPECT_EQ(information.items[0].meta.format, "chr");
  EXPECT_EQ(information.items[1].data, "Device Factory, Inc.");
}

TEST(DmMessages, every_command_is_written_as_the_standard_has_it) {
  Message message{.header = {.session = "A1", .message = 2, .target = "IMEI:1", .source = "https://s.example/dm", .source_name = "s", .respond_to = "https://s.example/dm?s=1"}, .commands = {}, .final = true};
  message.header.meta.max_message = 5000;
  message.header.meta.max_object = 9000;
  message.commands.emplace_back(CommandStatus{.id = 1, .message = 1, .command = 0, .name = "SyncHdr", .target = "https://s.example/dm", .source = "IMEI:1",
                                              .challenge = Challenge{std::string(kAuthMac), Bytes(16, 0xFF)}, .code = 407});
  message.commands.emplace_back(Alert{.id = 2, .code = alert::no_end_of_data, .items = {Item{.target = "./A"}}});
  Item piece{.target = "./A/B", .data = "<x>&", .more = true};
  piece.meta.format = "chr";
  piece.meta.size = 70000;
  message.commands.emplace_back(Order{.id = 3, .verb = Verb::replace, .items = {piece}, .correlator = "c1"});
  Results results{.id = 4, .message = 7, .command = 8, .items = {Item{.source = "./A", .data = "v"}}};
  results.meta.type = "text/plain";
  message.commands.emplace_back(results);
  message.commands.emplace_back(Group{.id = 5, .atomic = false, .orders = {Order{.id = 6, .verb = Verb::get, .items = {Item{.target = "./A"}}},
                                                                           Order{.id = 7, .verb = Verb::remove, .items = {Item{.target = "./A"}}}}});
  const std::string text = must(encode(message));
  EXPECT_EQ(text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>A1</SessionID>"
            "<MsgID>2</MsgID><Target><LocURI>IMEI:1</LocURI></Target><Source><LocURI>https://s.example/dm</LocURI><LocName>s</LocName></Source><RespURI>https://s.example/dm?s=1</RespURI>"
            "<Meta><MaxMsgSize xmlns=\"syncml:metinf\">5000</MaxMsgSize><MaxObjSize xmlns=\"syncml:metinf\">9000</MaxObjSize></Meta></SyncHdr><SyncBody>"
            "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><TargetRef>https://s.example/dm</TargetRef><SourceRef>IMEI:1</SourceRef>"
            "<Chal><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type xmlns=\"syncml:metinf\">syncml:auth-MAC</Type><NextNonce xmlns=\"syncml:metinf\">/////////////////////w==</NextNonce></Meta></Chal>"
            "<Data>407</Data></Status><Alert><CmdID>2</CmdID><Data>1225</Data><Item><Target><LocURI>./A</LocURI></Target></Item></Alert>"
            "<Replace><CmdID>3</CmdID><Correlator>c1</Correlator><Item><Target><LocURI>./A/B</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">chr</Format>"
            "<Size xmlns=\"syncml:metinf\">70000</Size></Meta><Data>&lt;x&gt;&amp;</Data><MoreData/></Item></Replace>"
            "<Results><CmdID>4</CmdID><MsgRef>7</MsgRef><CmdRef>8</CmdRef><Meta><Type xmlns=\"syncml:metinf\">text/plain</Type></Meta><Item><Source><LocURI>./A</LocURI></Source><Data>v</Data></Item></Results>"
            "<Sequence><CmdID>5</CmdID><Get><CmdID>6</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Get><Delete><CmdID>7</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Delete></Sequence>"
            "<Final/></SyncBody></SyncML>\n");
  EXPECT_EQ(must(encode(must(decode(text)))), text);
}

TEST(DmMessages, commands_of_data_synchronisation_are_read_by_name_only) {
  const Message message = must(decode(with_body("<Copy><CmdID>3</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Copy>")));
  ASSERT_EQ(message.commands.size(), 1U);
  EXPECT_EQ(std::get<Unsupported>(message.commands[0]).name, "Copy");
  EXPECT_FALSE(message.final);
}

TEST(DmMessages, what_is_unknown_missing_or_repeated_is_refused) {
  const std::pair<const char*, const char*> bodies[] = {
      {"<Unknown/>", "dm.unknown_element"},
      {"<Get><CmdID>1</CmdID><NoResp/><Item/></Get>", "dm.unknown_element"},
      {"<Get xmlns=''><CmdID>1</CmdID><Item/></Get>", "dm.unknown_element"},
      {"<Final/><Get><CmdID>1</CmdID><Item/></Get>", "dm.unknown_element"},
      {"<Final/><Final/>", "dm.unknown_element"},
      {"<Sequence><CmdID>1</CmdID><Atomic><CmdID>2</CmdID></Atomic></Sequence>", "dm.unknown_element"},
      {"<Sequence><Get><CmdID>1</CmdID><Item/></Get></Sequence>", "dm.missing_element"},
      {"<Get><CmdID>1</CmdID></Get>", "dm.missing_element"},
      {"<Get><Item/></Get>", "dm.missing_element"},
      {"<Alert><CmdID>1</CmdID></Alert>", "dm.missing_element"},
      {"<Get><CmdID>1</CmdID><CmdID>2</CmdID><Item/></Get>", "dm.repeated_element"},
      {"<Get><CmdID>01</CmdID><Item/></Get>", "dm.number"},
      {"<Get><CmdID>-1</CmdID><Item/></Get>", "dm.number"},
      {"<Get><CmdID> 1</CmdID><Item/></Get>", "dm.number"},
      {"<Get><CmdID>1000000000</CmdID><Item/></Get>", "dm.number"},
      {"<Get><CmdID/><Item/></Get>", "dm.number"},
      {"<Get><CmdID>1</CmdID><Item><Target><LocURI>a b</LocURI></Target></Item></Get>", "dm.uri"},
      {"<Get><CmdID>1</CmdID><Item><Target><LocURI/></Target></Item></Get>", "dm.uri"},
      {"<Get><CmdID>1</CmdID><Item><Target/></Item></Get>", "dm.missing_element"},
      {"<Get><CmdID>1</CmdID><Item><Data><b/></Data></Item></Get>", "xml.not_a_leaf"},
      {"<Get><CmdID>1</CmdID><Item><Meta><Format>chr</Format></Meta></Item></Get>", "dm.unknown_element"},
      {"<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Chal><Meta><NextNonce xmlns='syncml:metinf'>AA==</NextNonce></Meta></Chal><Data>1</Data></Status>", "dm.missing_element"},
      {"<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Chal><Meta><NextNonce xmlns='syncml:metinf'></NextNonce></Meta></Chal><Data>1</Data></Status>", "dm.nonce"},
  };
  for (const auto& [body, reason] : bodies) {
    SCOPED_TRACE(body);
    EXPECT_REFUSED(decode(with_body(body)), Code::malformed, reason);
  }
}

TEST(DmMessages, other_versions_document_types_and_spaces_are_refused) {
  const std::string good = with_body("<Final/>");
  EXPECT_OK(decode(good));
  EXPECT_REFUSED(decode(replaced(good, "<VerDTD>1.2", "<VerDTD>1.1")), Code::malformed, "dm.version");
  EXPECT_REFUSED(decode(replaced(good, "DM/1.2", "DM/1.1")), Code::malformed, "dm.version");
  EXPECT_REFUSED(decode(replaced(good, "SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1")), Code::malformed, "dm.unknown_element");
  EXPECT_REFUSED(decode("<!DOCTYPE SyncML>" + good), Code::malformed, "xml.dtd");
  EXPECT_REFUSED(decode(replaced(good, "<SessionID>1", "<SessionID>12345678901234567")), Code::malformed, "dm.text");
  EXPECT_REFUSED(decode(replaced(good, "<Target><LocURI>http://www.syncml.org/mgmt-server</LocURI></Target>", "")), Code::malformed, "dm.missing_element");
  EXPECT_REFUSED(decode(good, {.bytes = good.size() - 1}), Code::malformed, "xml.too_large");
}

TEST(DmValues, travel_as_text_or_in_base64) {
  const Value text = text_value("a<b"), bytes{.format = "bin", .type = "image/png", .data = {0, 0xFF}};
  EXPECT_EQ(must(wire_text(text)), "a<b");
  EXPECT_EQ(must(wire_text(bytes)), "AP8=");
  EXPECT_EQ(must(value_of({}, "a<b")), text);
  EXPECT_EQ(must(value_of({.format = "b64"}, "AP8=")).data, bytes.data);
  EXPECT_REFUSED(value_of({.format = "b64"}, "AP8"), Code::malformed, "dm.value");
  EXPECT_REFUSED(wire_text({.data = {0xFF}}), Code::invalid, "dm.value");
  EXPECT_REFUSED(wire_text({.format = "a b", .data = {}}), Code::invalid, "dm.value");
}

TEST(DmValues, a_piece_ends_between_characters_and_within_its_room_when_escaped) {
  const std::string text = "a&\xC3\xA9<\xE2\x82\xAC\r";
  EXPECT_EQ(fitting(text, 0), "");
  EXPECT_EQ(fitting(text, 5), "a");
  EXPECT_EQ(fitting(text, 7), "a&");
  EXPECT_EQ(fitting(text, 8), "a&\xC3\xA9");
  EXPECT_EQ(fitting(text, 14), "a&\xC3\xA9<");
  EXPECT_EQ(fitting(text, 15), "a&\xC3\xA9<\xE2\x82\xAC");
  EXPECT_EQ(fitting(text, 20), text);
}

TEST(DmValues, an_object_in_pieces_must_have_the_size_it_said) {
  Assembly object(10);
  const auto take = [&](const char* data, bool more, std::optional<std::uint64_t> size) {
    return object.take("./A", Item{.data = data, .more = more}, Meta{.size = size});
  };
  EXPECT_EQ(take("abc", true, std::nullopt), code::size_required);
  EXPECT_EQ(take("abc", true, 11), code::too_large);
  EXPECT_EQ(take("abc", true, 5), code::chunk_accepted);
  EXPECT_EQ(take("de", false, std::nullopt), code::ok);
  EXPECT_EQ(object.release(), "abcde");
  EXPECT_EQ(take("abc", true, 5), code::chunk_accepted);
  EXPECT_EQ(take("d", false, std::nullopt), code::size_mismatch);
  EXPECT_FALSE(object.under_way());
  EXPECT_EQ(take("abc", true, 5), code::chunk_accepted);
  EXPECT_EQ(take("def", true, std::nullopt), code::size_mismatch);
}

}  // namespace
}  // namespace tf::dm
