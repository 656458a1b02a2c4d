"""The words that refs are made of: plain English, screened for offence and for brands."""

from __future__ import annotations

from typing import Final

_TEXT: Final = """
able acorn active agile airy alder alert almond alpine amber amiable ample anchor ancient anthem
antler apricot apron arbor arcade arch archer arctic ardent argosy artful artist aspen aster
astute atrium aurora author autumn avenue badger baker balance balcony ballad balloon bamboo
banner banyan barge barley barn barrel basic basil basin basket bassoon bayou beach beacon beaver
beech begonia bell bench berry bicycle binder birch bison blanket blithe blossom bluebell bluff
boat bobbin bold bonfire bonnet bonny book border bottle bough boulder bouquet bowl bracken
bramble branch brass brave bread breeze breezy briar brick bridge brief bright brisk broad bronze
brook broom brush bucket buckle buffalo bugle builder bundle burrow button cabin cabinet cable
cactus calendar calm camera campus canal candid candle canoe canopy canvas canyon captain caption
caramel caravan careful cargo caribou caring carnival carpet carriage cartoon cascade cashew
castle catkin cavern cedar celery cello central ceramic certain chair chalk chamber chapel chapter
charcoal chart charter cheerful cherry chestnut chief chime chimney chisel choice chorus cicada
cider cinder cinnamon circle circuit citadel citrus civic civil clarinet classic clay clean clear
clearing clematis clever cliff clock cloth cloud cloudy clover coach coast coastal cobalt cobble
college column comb compact compass compote concord condor contour cool copper coral cordial cork
corner corridor cosmos cosy cottage cotton council counter courier course cove cowslip coyote
cradle crafty crane crater creative creek cress cricket crimson crisp crocus crown crystal cuckoo
cupboard curious current curtain cushion cymbal cypress daffodil dahlia dainty daisy damson dancer
dapple daring dawn daylight dear decade decent deep deer deft delight depot desert design desk
devoted dial diamond diary dinghy dingo doctor dolphin domain dome door doorway drawer dreamy
drift drizzle drum dune dusk eager eagle early earnest earth easel eastern easy ebony eclipse
editor elbow elder elegant ember emblem emerald eminent endless engine envelope equal equator
ermine essay estuary eternal even evening exact expert fable fabric factory fair faithful familiar
famous fancy farm farmer fast fathom feather fennel fern ferret ferry festival festive fiddle
field figure filter finch fine fireside firm fjord flag flax fleet flint flock floor flora flower
fluent fluid flute foal folder foliage fond forest formal fortune forum fossil founder fountain
foxglove fragment frame freight fresco fresh friend friendly frigate frost frosty frugal fruit
full gallant gallery galley garden garland garlic garnet gateway gazebo gazelle gazette generous
gentle genuine geranium geyser gift gifted ginger giraffe glacier glad glade glass gleam gleeful
glen glimmer global globe glossy glove glyph goblet gold golden gondola good gorse graceful
gracious grain grammar granary grand granite grape grass grateful gravel gravity great green grove
guest guide guild guitar gull hamlet hammock hamster handle handy happy harbor hardy hare harmony
harp harvest hatch haven hawk hawthorn hazel hearth hearty heath heather hedge hedgehog helmet
helper helpful herald heron hibiscus hickory hidden hill history hive holiday hollow holly home
honest honey hopeful horizon hornbeam horse hostel hotel house humble hyacinth iceberg idea ideal
iguana immense inlet inner iris iron island item ivory jacket jade jasmine jasper jetty jewel
joiner jolly journal journey jovial joyful joyous jubilant jubilee jungle juniper kayak keen
keeper kelp kernel kestrel kettle keystone kind kingdom kitchen kite kitten kiwi knot koala ladder
lagoon lake lamb landmark language lantern larch large lark lasting lather lattice laurel lavender
lavish lawn leader leaf league lecture legend legible lemon lemur lentil lesson letter level lever
library light likely lilac lily lime linden linen lintel liquid list lively lizard llama lobster
local locket lodge lofty logbook logical long loom lotus loyal lucid lucky luggage lumber lunar
lupin lush lute lyric machine magical magnet magnolia magpie mahogany main mallard mallet mango
mansion mantel mantle manual maple marble margin marigold marina maritime market marlin marmot
marquee marsh marten mason mast matrix mature meadow measure medal mellow melody melon memory
mentor merchant meridian merry message metal meteor method mica midnight mighty mild mile mill
minaret mindful mineral mint minute mirror mission mist mitten model modern modest module moment
monsoon monument moon moose moral morning mortar mosaic moss moth motor mountain mulberry muscat
museum music musical myrtle napkin narwhal nation natural nature neat nectar needle nettle network
newt nickel nightjar nimble nimbus noble noon normal north northern notable notebook notion novel
novelist number nutmeg oaken object oboe ocean ocelot octopus offer office olive omelet onion opal
open opera option orator orbit orchard orchid oregano origin ornate osprey otter outer outpost
oven oyster package paddle page painter palace palette palm panda panel pansy papaya paper paprika
parade parasol parcel parish park parlor parsley parsnip partner passage pastel pastry pasture
path patient patrol pattern pavilion paving peaceful peach peacock peak pear pebble pelican pencil
pendant penguin pennant peony pepper perfect petal petunia pheasant phoenix phrase piano picnic
picture pigeon pilgrim pillar pillow pilot pine pinecone pitcher placid planet plank plateau
platinum playful plaza pleasant plenty plough plover plucky plum plume pocket poem poet pointer
polar polite pollen pond pony poplar poppy popular porch portal portrait postcard poster potato
pottery powder prairie present prime printer private problem produce profile program promise
proper prospect proud province prudent puddle puffin pulley pumpkin puppet pure purple purpose
puzzle pyramid quail quarry quarter quartz question quick quiet quill quilt quince quiz quota
rabbit raccoon radish railway rain rainbow raisin ranch rapid rapids rare ravine reader ready real
recipe record redwood reed reef reflex refuge regal region regular reindeer relay report restful
reward rhyme rhythm ribbon rich riddle ridge ring ripple river road robin robust rolling roof room
rope rose rosemary rosewood rosy round route rowan royal rudder rural russet rustic sacred saddle
safe saffron sail sailor salmon sample sand sandal sandy sapphire satin savanna scarf scarlet
scenic scholar school science scone scooter scribe script sculptor seagull seal season second
secure sedate sedge seed sentence sequel sequoia serene series service settled shade shady
shamrock sharp shelf shelter shepherd shining shiny ship shore shrimp shrub signal silent silk
silken silver simple sincere singer sketch skilled skylark sled sleet slope smart smooth snow
snowdrop snowy snug sociable society soft solar solid sonata song sorrel sound south sparrow
speaker special speedy sphere spice spinach spindle spiral splendid spoon spring sprout spruce
spry squirrel stable stadium stage stair star starfish starling stately station statue steady
steam stellar stencil steppe still stitch stone stork storm story stout stream street string
strong studio sturdy subject subtle suburb summer summit sundial sunny sunrise sunset superb sure
swan sweet sycamore symbol symphony system table tailor talent tall tamarin tame tangelo tapestry
tapir teacher teak teal teapot telegram temple tempo tendril tern terrace thankful theater theme
theory thicket thimble thistle thorough thrush thunder thyme ticket tidy timber timely title toad
token tool topaz topic torrent tortoise totem toucan tower town tractor trail train tranquil
treasure treaty trellis tribute trim trophy trout true truffle trumpet trusty tulip tundra tunnel
turbine turnip turtle tutor tweed twig twilight umber umbra unicorn union universe upbeat upper
urban useful valiant valid valley vanilla vast vault vehicle venture verbena verdant verse vessel
viaduct vibrant villa village viola violet violin vista vital vivid voice volcano vole volume
voyage waffle wagon walkway walnut walrus warbler wardrobe warm water wave welcome west western
whale wharf wheat wheel whisper whistle whole wicket wide wild willing willow wind windmill window
windy wing winner winsome winter wisdom wise wisteria witty wolf wombat wonder wood woodland
woolly workshop worthy wren writer yacht yard yarn yarrow young zebra zenith zephyr zesty zinnia
"""

WORDS: Final[tuple[str, ...]] = tuple(_TEXT.split())
