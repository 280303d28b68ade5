try 'the metadata of this machine' learn
join
heed || say 'nobody will be told what the cloud tells this machine'
try 'word to the cloud' ready
say "joined as $node"
